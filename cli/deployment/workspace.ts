import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join, relative, resolve } from 'node:path';
import { LocalWorkspace, type PulumiFn, Stack } from '@pulumi/pulumi/automation';
import { cloudKubeconfig, preparePulumi, pulumiEnvironment, STATE_FOLDER } from '../../stacks/environment';
import { type Rotations, SEED_BYTES } from '../../stacks/generated-values';
import { kubeconfigPath, toolPath } from '../../tools/cluster';
import { attempt } from '../../tools/cluster/commands';
import { StackFile } from './stack-file';

/** Something that the person at the keyboard can mend: told without a stack trace. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A stack of the project in a folder, with the processes' environment in place. */
export interface Deployment {
  readonly stack: Stack;
  readonly file: StackFile;
  /** Folder of Pulumi.yaml. */
  readonly folder: string;
}

/** The lock of one stack of a folder, for {@link exclusively}. */
export function lockFile(root: string, stack: string): string {
  return join(root, STATE_FOLDER, `${stack}.lock`);
}

/**
 * Puts the tools, the cluster and Pulumi's settings into this process's environment, for every process that it starts.
 *
 * @param kubeconfig of a cluster that the stack makes; nothing stands there until it has. @default - the environment's, or the embedded cluster's
 * @throws UsageError when there is no cluster, or no Pulumi or kubectl
 */
export async function prepareEnvironment(root: string, kubeconfig?: string): Promise<void> {
  const embedded = kubeconfigPath(root);
  if (kubeconfig !== undefined) {
    process.env['KUBECONFIG'] = kubeconfig;
  } else if (process.env['KUBECONFIG'] === undefined || process.env['KUBECONFIG'] === '') {
    if (!existsSync(embedded)) {
      throw new UsageError(
        'no cluster: `npx bouture cluster up` makes one on this machine; for one that you have, set KUBECONFIG to its kubeconfig file',
      );
    }
    process.env['KUBECONFIG'] = embedded;
  }
  await preparePrograms(root, ['pulumi', 'kubectl']);
}

/**
 * Puts the tools and Pulumi's settings into this process's environment, for what asks no cluster.
 *
 * @throws UsageError when one of the programs is not there
 */
export async function preparePrograms(root: string, programs: readonly string[]): Promise<void> {
  process.env['PATH'] = [toolPath(), process.env['PATH'] ?? ''].join(delimiter);
  for (const program of programs) {
    const found = await attempt('sh', ['-c', `command -v ${program}`]);
    if (found.code !== 0) {
      throw new UsageError(`${program} is not on the PATH: install it, or let \`npx bouture cluster up\` build it`);
    }
  }
  const variables = pulumiEnvironment(root);
  preparePulumi(variables);
  Object.assign(process.env, variables);
}

/**
 * Opens a stack.
 *
 * @param root folder to work in: its Pulumi.yaml is the project; without one, a project is kept in `.bouture/project`
 * @param program what the stack runs; the stack is made where it does not exist. @default - none, and the stack must exist
 * @throws StackNotFoundError when there is no such stack, and no program
 */
export async function openStack(root: string, name: string, program?: PulumiFn): Promise<Deployment> {
  const folder = projectFolder(root);
  // Not by LocalWorkspace.createOrSelectStack: it would write Pulumi.yaml anew, without its comments.
  const workspace = await LocalWorkspace.create({ workDir: folder, ...(program === undefined ? {} : { program }) });
  const stack = await (program === undefined ? Stack.select(name, workspace) : Stack.createOrSelect(name, workspace));
  return { stack, folder, file: stackFile(folder, name) };
}

function projectFolder(root: string): string {
  if (existsSync(join(root, 'Pulumi.yaml'))) return root;
  const folder = join(root, STATE_FOLDER, 'project');
  mkdirSync(folder, { recursive: true });
  const project = join(folder, 'Pulumi.yaml');
  if (!existsSync(project)) writeFileSync(project, 'name: bouture\nruntime: nodejs\n');
  return folder;
}

/** Writes what the stack deploys, so that `pulumi up` deploys the same, and `bouture down` knows whose objects to look for. */
export function remember({ file, folder }: Deployment, config: string, platform: string): void {
  file.set('bouture:config', relative(folder, resolve(config)));
  file.set('bouture:platform', platform);
}

/** The configuration that a stack deploys, from the folder that commands run in; undefined when it has never been deployed. */
export function rememberedConfig(root: string, stack: string): string | undefined {
  for (const folder of [root, join(root, STATE_FOLDER, 'project')]) {
    const config = stackFile(folder, stack).get('bouture:config');
    if (typeof config === 'string') return relative(root, resolve(folder, config));
  }
  return undefined;
}

/** The kubeconfig of the cluster that a stack has made; undefined where it made none. */
export function rememberedKubeconfig(root: string, stack: string): string | undefined {
  for (const folder of [root, join(root, STATE_FOLDER, 'project')]) {
    const platform = stackFile(folder, stack).get('bouture:platform');
    if (typeof platform !== 'string') continue;
    const file = cloudKubeconfig(root, platform);
    if (existsSync(file)) return file;
  }
  return undefined;
}

/** What the Secrets of a stack are derived from. */
export interface StackSecrets {
  /** 32 random bytes in base64. */
  readonly seed: string;
  readonly rotations: Rotations;
}

/**
 * The seed and the rotations of a stack that exists. The seed comes through a pipe, and stands in no message.
 *
 * @param platform name of the platform that it must be the stack of
 * @throws StackNotFoundError when there is no such stack
 * @throws UsageError when it has no seed, deploys another platform, or cannot be decrypted
 */
export async function readSecrets({ stack, folder, file }: Deployment, platform: string): Promise<StackSecrets> {
  const deployed = file.get('bouture:platform');
  if (typeof deployed === 'string' && deployed !== platform) {
    throw new UsageError(
      `stack ${stack.name} deploys platform ${deployed}, and the configuration is of ${platform}: name the stack of ${platform}, or a --seed-file`,
    );
  }
  if (!file.has('bouture:seed')) {
    throw new UsageError(
      `${file.path} has no seed (bouture:seed): \`npx bouture up\` makes one. Where nothing is deployed by Pulumi, give a --seed-file.`,
    );
  }
  const { code, stdout, stderr } = await attempt(
    'pulumi',
    ['config', 'get', 'bouture:seed', '--stack', stack.name, '--config-file', file.path, '--non-interactive'],
    { cwd: folder },
  );
  if (code !== 0) throw new UsageError(`Pulumi could not decrypt the stack's seed: ${stderr.trim()}`);
  return { seed: stdout.trim(), rotations: (file.get('bouture:rotations') ?? {}) as Rotations };
}

/** The configuration file of a stack in a project's folder. */
function stackFile(folder: string, stack: string): StackFile {
  return new StackFile(join(folder, `Pulumi.${stack.slice(stack.lastIndexOf('/') + 1)}.yaml`));
}

/** A stack's state, as far as we read it; nothing in it is decrypted. */
export interface StackState {
  readonly version: number;
  readonly deployment: { readonly resources?: readonly ResourceState[] };
}

/** One resource of a stack's state. */
export interface ResourceState {
  readonly urn: string;
  readonly type: string;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
}

/** Reads a stack's state. */
export async function exportState(stack: Stack): Promise<StackState> {
  return await stack.exportStack();
}

/**
 * Makes the stack's seed where it has none, encrypted by Pulumi, before anything is deployed with it. The seed goes through a pipe: command lines
 * are there for everybody to see.
 *
 * @throws UsageError when the stack has been deployed already: another seed would change every password under running databases
 */
export async function ensureSeed({ file, stack, folder }: Deployment): Promise<void> {
  if (file.has('bouture:seed')) return;
  const { resources = [] } = (await exportState(stack)).deployment;
  if (resources.some(({ type }) => type === 'kubernetes:core/v1:Secret')) {
    throw new UsageError(
      `${file.path} has lost its seed (bouture:seed), and stack ${stack.name} is deployed: bring the file back. ` +
        'Another seed would give every generated secret another value, and databases would refuse them.',
    );
  }
  await file.rewrite(async (draft) => {
    const { code, stderr } = await attempt(
      'pulumi',
      ['config', 'set', '--secret', 'bouture:seed', '--stack', stack.name, '--config-file', draft, '--non-interactive'],
      { cwd: folder, input: randomBytes(SEED_BYTES).toString('base64') },
    );
    if (code !== 0) throw new UsageError(`Pulumi could not encrypt the stack's seed: ${stderr.trim()}`);
  });
}
