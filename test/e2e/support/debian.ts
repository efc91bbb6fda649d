import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './commands';

/**
 * Installs packages of Debian for programs that this machine lacks.
 *
 * @param needed the package of each program: a name on the PATH, or a whole path
 */
export async function ensureDebian(needed: Readonly<Record<string, string>>): Promise<void> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const exists = (program: string): boolean =>
    program.startsWith('/') ? existsSync(program) : folders.some((folder) => existsSync(join(folder, program)));
  const missing = Object.entries(needed).flatMap(([program, name]) => (exists(program) ? [] : [name]));
  if (missing.length === 0) return;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '--quiet'], { env });
  await run('apt-get', ['install', '--yes', '--quiet', '--no-install-recommends', ...missing], { env });
}
