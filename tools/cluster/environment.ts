import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { kubeconfigPath } from './paths';
import { toolPath } from './programs';

/**
 * Variables that put the embedded cluster and its tools in reach of kubectl and pulumi.
 *
 * @param directory folder whose `.bouture` holds cluster and stacks. @default the current one
 */
export function environment(directory: string = process.cwd()): Readonly<Record<string, string>> {
  const folder = resolve(directory, '.bouture');
  return {
    PATH: `${toolPath()}:${process.env['PATH'] ?? ''}`,
    KUBECONFIG: kubeconfigPath(directory),
    PULUMI_BACKEND_URL: pathToFileURL(resolve(folder, 'pulumi')).href,
    PULUMI_CONFIG_PASSPHRASE_FILE: resolve(folder, 'pulumi-passphrase'),
    PULUMI_SKIP_UPDATE_CHECK: 'true',
  };
}

/** Makes what those variables point to: the folder of the stacks' states, and a passphrase of its own for the secrets in them. */
export function prepareEnvironment(directory: string = process.cwd()): void {
  const folder = resolve(directory, '.bouture');
  mkdirSync(resolve(folder, 'pulumi'), { recursive: true, mode: 0o700 });
  const passphrase = resolve(folder, 'pulumi-passphrase');
  if (!existsSync(passphrase)) writeFileSync(passphrase, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
}

/** The variables as lines for a POSIX shell. */
export function shellLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join('');
}
