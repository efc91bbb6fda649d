import { StackNotFoundError } from '@pulumi/pulumi/automation';
import { loadConfig } from '../../blueprints/load';
import { synthesizeStated } from '../../blueprints/render';
import type { KubernetesManifest, Synthesis } from '../../constructs';
import { manifestYaml } from '../../constructs/platform/manifest-yaml';
import { generatedValues, type Rotations } from '../../stacks/generated-values';
import { readersOf } from '../../stacks/rotation';
import {
  externalSecretManifests,
  type ExternalStore,
  secretManifests,
  secretValues,
} from '../../stacks/secret-manifests';
import { readSeedFile } from '../deployment/seed-file';
import { withTroublesTold } from '../deployment/tell';
import { openStack, preparePrograms, readSecrets, type StackSecrets, UsageError } from '../deployment/workspace';
import { BAD_INPUT, withProblemsTold } from '../problems';

type Options = Readonly<Record<string, unknown>>;

/**
 * `bouture secrets CONFIG [--stack NAME | --seed-file FILE [--rotations ID=COUNT...]]`: the Secrets that `bouture up` would make, as YAML documents on
 * the standard output, for `kubectl apply --server-side -f -` or `sops encrypt`. The same seed gives the same bytes. No file is written, and a terminal
 * gets none of it without `--show`.
 *
 * - `--stack` takes seed and rotations from a stack. It is not changed, and no cluster is asked.
 * - `--seed-file` takes the seed from a file, and needs no Pulumi. `--rotations` says which values have been made anew, and how often.
 * - `--external-secrets STORE` prints ExternalSecrets, which hold no value, in the place of Secrets.
 * - `--values` prints the generated values by name, as JSON.
 *
 * Where values have been rotated, the standard error tells what has to be restarted, in the order of waves: nothing in `charts-out/` does it.
 *
 * @returns 0 done; 1 the stack cannot be read, or the seed file; 2 bad input, or a terminal without `--show`
 */
export function run(args: readonly string[], options: Options): Promise<number> {
  const [config = ''] = args;
  return withProblemsTold(() =>
    withTroublesTold(async () => {
      const synthesis = synthesizeStated(loadConfig(config));
      const store = textOption(options, 'externalSecrets');
      if (store !== undefined) return tell(yaml(externalSecretManifests(synthesis, storeOf(store))));
      if (process.stdout.isTTY && options['show'] !== true) {
        return refuse(
          'these are secrets: pipe them to `kubectl apply --server-side -f -` or `sops encrypt`, or add --show',
        );
      }
      const problem = rotationsProblem(synthesis, options);
      if (problem !== undefined) return refuse(problem);
      const { seed, rotations } = await secretsOf(synthesis, options);
      if (options['values'] === true) {
        return tell(`${JSON.stringify(secretValues(synthesis, seed, rotations), undefined, 2)}\n`);
      }
      tell(yaml(secretManifests(synthesis, seed, rotations)));
      process.stderr.write(restarts(readersOf(synthesis, rotations)));
      return 0;
    }),
  );
}

function tell(text: string): number {
  process.stdout.write(text);
  return 0;
}

function refuse(message: string): number {
  process.stderr.write(`${message}\n`);
  return BAD_INPUT;
}

function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

function yaml(manifests: readonly KubernetesManifest[]): string {
  return manifests.map(manifestYaml).join('---\n');
}

function storeOf(text: string): ExternalStore {
  const [kind, name] = text.includes('/') ? text.split('/', 2) : ['SecretStore', text];
  if ((kind !== 'SecretStore' && kind !== 'ClusterSecretStore') || name === undefined || name === '') {
    throw new UsageError(`--external-secrets ${text}: expected NAME, SecretStore/NAME or ClusterSecretStore/NAME`);
  }
  return { kind, name };
}

async function secretsOf({ platform }: Synthesis, options: Options): Promise<StackSecrets> {
  const file = textOption(options, 'seedFile');
  if (file !== undefined) return { seed: readSeedFile(file), rotations: givenRotations(options) };
  const root = process.cwd();
  const name = textOption(options, 'stack') ?? 'dev';
  await preparePrograms(root, ['pulumi']);
  try {
    return await readSecrets(await openStack(root, name), platform);
  } catch (error) {
    if (!(error instanceof StackNotFoundError)) throw error;
    throw new UsageError(`there is no stack ${name}: name one with --stack, or give a --seed-file`);
  }
}

const ROTATION = /^([a-z0-9-]+)=([1-9][0-9]{0,5})$/;

function rotationTexts({ rotations }: Options): readonly string[] {
  return Array.isArray(rotations) ? rotations.map(String) : [];
}

function givenRotations(options: Options): Rotations {
  return Object.fromEntries(
    rotationTexts(options).flatMap((text) => {
      const [, id = '', count = ''] = ROTATION.exec(text) ?? [];
      return id === '' ? [] : [[id, Number(count)]];
    }),
  );
}

/** What is wrong with `--rotations`; undefined when nothing is. */
function rotationsProblem(synthesis: Synthesis, options: Options): string | undefined {
  const texts = rotationTexts(options);
  if (texts.length > 0 && options['seedFile'] === undefined) {
    return '--rotations goes with --seed-file: a stack knows its own';
  }
  const malformed = texts.filter((text) => !ROTATION.test(text));
  if (malformed.length > 0) return `--rotations ${malformed.join(' ')}: expected ID=COUNT, such as minio-root=1`;
  const values = generatedValues(synthesis);
  const ids = Object.keys(givenRotations(options));
  const unknown = ids.filter((id) => !values.has(id));
  if (unknown.length > 0) {
    return `no generated secret is called ${unknown.join(', ')}: there are ${[...values.keys()].sort().join(', ')}`;
  }
  const kept = ids.flatMap((id) => {
    const reason = values.get(id)?.keptBecause;
    return reason === undefined ? [] : [`${id} is never rotated: ${reason}`];
  });
  return kept.length > 0 ? kept.join('\n') : undefined;
}

/** Commands that restart what reads rotated values. */
function restarts(readers: readonly KubernetesManifest[]): string {
  if (readers.length === 0) return '';
  const lines = readers.map(({ kind, metadata: { name, namespace = '' } }) =>
    kind === 'Job'
      ? `kubectl -n ${namespace} delete job ${name} --ignore-not-found`
      : `kubectl -n ${namespace} rollout restart ${kind.toLowerCase()} ${name}`,
  );
  return [
    'values have been rotated. Once, after these Secrets are applied, restart what reads them, then apply the manifests again:',
    ...lines.map((line) => `  ${line}`),
    '',
  ].join('\n');
}
