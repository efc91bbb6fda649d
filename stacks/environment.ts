import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { isRecord } from './manifests';

/** Folder of what a deployment keeps beside the project: state, passphrase. Never committed. */
export const STATE_FOLDER = '.bouture';

/** File of the kubeconfig of a cluster that a stack makes. @param root folder of the project */
export function cloudKubeconfig(root: string, platform: string): string {
  return join(root, STATE_FOLDER, 'clusters', `${platform}.kubeconfig`);
}

/** Random bytes of a passphrase that nobody has to type. */
const PASSPHRASE_BYTES = 32;

/**
 * The variables that make every Pulumi process of a project agree, whether `bouture up` or a person starts it: where the state is, and
 * what its secrets are encrypted with. What the environment says already is left as it is.
 *
 * - `PULUMI_BACKEND_URL`: `.bouture/pulumi`, unless the environment or `Pulumi.yaml` names a backend.
 * - `PULUMI_CONFIG_PASSPHRASE_FILE`: `.bouture/passphrase`, unless a passphrase is given; see {@link preparePulumi}.
 * - `PULUMI_EXPERIMENTAL`, `PULUMI_SKIP_CHECKPOINTS`: the state is written once, at the end. Writing it after each object costs the square of
 *   their number; what an interrupted run made is found again in the cluster (docs/pulumi.md).
 *
 * @param root folder of the project
 * @param environment variables of this process
 * @returns only what has to be added
 */
export function pulumiEnvironment(
  root: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const folder = join(root, STATE_FOLDER);
  const defaults: Record<string, string> = {
    PULUMI_EXPERIMENTAL: 'true',
    PULUMI_SKIP_CHECKPOINTS: 'true',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
  };
  if (!namesBackend(root)) defaults.PULUMI_BACKEND_URL = pathToFileURL(join(folder, 'pulumi')).href;
  if (environment.PULUMI_CONFIG_PASSPHRASE === undefined) {
    defaults.PULUMI_CONFIG_PASSPHRASE_FILE = join(folder, 'passphrase');
  }
  return Object.fromEntries(Object.entries(defaults).filter(([name]) => environment[name] === undefined));
}

/**
 * Makes what {@link pulumiEnvironment} points at: the folder of the state, and a random passphrase that only its owner can read. Does
 * nothing where they exist.
 */
export function preparePulumi(variables: Readonly<Record<string, string>>): void {
  const { PULUMI_BACKEND_URL: backend, PULUMI_CONFIG_PASSPHRASE_FILE: passphrase } = variables;
  if (backend !== undefined) mkdirSync(new URL(backend), { recursive: true, mode: 0o700 });
  if (passphrase === undefined || existsSync(passphrase)) return;
  mkdirSync(join(passphrase, '..'), { recursive: true, mode: 0o700 });
  // Complete before it has its name: a passphrase that was cut short would lock the state for ever.
  const draft = `${passphrase}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(PASSPHRASE_BYTES).toString('base64url')}\n`, { mode: 0o600 });
  try {
    linkSync(draft, passphrase);
  } catch (error) {
    if (!existsSync(passphrase)) throw error; // Else another process was faster, and its passphrase holds.
  } finally {
    rmSync(draft);
  }
}

function namesBackend(root: string): boolean {
  const file = join(root, 'Pulumi.yaml');
  if (!existsSync(file)) return false;
  const project: unknown = parse(readFileSync(file, 'utf8'));
  return isRecord(project) && isRecord(project.backend) && typeof project.backend.url === 'string';
}
