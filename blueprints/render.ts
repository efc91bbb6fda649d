import { resolve } from 'node:path';
import type { Profile } from '../constructs/platform/profile';
import { DeployTimeValue, deployTimeIds } from '../constructs/platform/deploy-time';
import { withDeployTimeValues } from '../constructs/platform/deploy-time-values';
import { GeneratedValue, type SecretValue, SignedToken } from '../constructs/platform/secrets';
import { renderFiles, type Synthesis, type SynthesizedSecret } from '../constructs/platform/synthesis';
import { ExternalObjectStore } from '../constructs/storage';
import { ConfigError } from './config/problems';
import { type LoadedConfig, synthesizeLoaded } from './load';
import { OBJECT_STORE_FILE, objectStoreDocument } from './object-store-document';
import { packageFile } from './package-root';

/** The rendered manifests of one configuration. */
export interface RenderedBlueprint {
  /** Folder under the output folder. */
  readonly folder: string;
  /** Texts by their path below that folder, sorted by path. */
  readonly files: ReadonlyMap<string, string>;
  readonly synthesis: Synthesis;
  readonly profile: Profile;
}

/** Name of the file that lists the Secrets. No `.yaml`: `kubectl apply -R` and Argo CD must not take it for a manifest. */
export const SECRETS_FILE = 'SECRETS.md';
/** What stands beside the manifests, for people. */
export const DOCUMENTS: readonly string[] = [SECRETS_FILE, OBJECT_STORE_FILE];

/**
 * The folder that a configuration is rendered to: the blueprint's name for a blueprint's own example, the installation's
 * name for any other file.
 */
function outputFolder(loaded: LoadedConfig): string {
  const example = packageFile('blueprints', loaded.blueprint, 'config.yaml');
  return resolve(loaded.file) === example ? loaded.blueprint : loaded.config.name;
}

/**
 * Renders the manifests of a configuration, and the list of the Secrets that they need. Writes nothing.
 *
 * @throws ConfigError when a manifest needs what only a cloud knows, and the configuration does not state it
 */
export function renderBlueprint(loaded: LoadedConfig): RenderedBlueprint {
  const platform = loaded.compose();
  const synthesis = synthesizeStated(loaded, platform);
  refuseMissingValues(loaded, synthesis);
  const stores = platform.node
    .findAll()
    .filter((construct) => construct instanceof ExternalObjectStore)
    .flatMap(({ people }) => people ?? []);
  const documents = stores.map(({ setup }) => objectStoreDocument(platform.name, setup));
  const files = new Map([
    ...renderFiles(synthesis),
    [SECRETS_FILE, secretsList(synthesis)] as const,
    ...(documents.length === 0 ? [] : [[OBJECT_STORE_FILE, documents.join('\n')] as const]),
  ]);
  return { folder: outputFolder(loaded), files, synthesis, profile: platform.profile };
}

/**
 * The platform of a configuration, with the values that `cluster.values` states: for whoever deploys it without Pulumi, which asks the cloud itself.
 *
 * @param platform what the configuration has composed. @default - it is composed
 */
export function synthesizeStated(loaded: LoadedConfig, platform = loaded.compose()): Synthesis {
  const synthesis = synthesizeLoaded(loaded, platform);
  const values = loaded.config.cluster?.values;
  return values === undefined ? synthesis : withDeployTimeValues(synthesis, values);
}

/** Every problem at once: one for each value that no manifest can do without. */
function refuseMissingValues({ file }: LoadedConfig, { objects, accesses }: Synthesis): void {
  const problems = deployTimeIds([objects, accesses]).map((id) => ({
    file,
    path: `cluster.values.${id}`,
    message: 'manifests need this value, which the cloud gives only at deployment',
    expected: 'its text, as `pulumi stack output values` tells it; or deploy by `bouture up`, which finds it itself',
  }));
  if (problems.length > 0) throw new ConfigError(file, problems);
}

function secretsList({ platform, secrets, expectedSecrets }: Synthesis): string {
  const lines = secrets.flatMap((secret) => Object.entries(secret.data).map(([key, value]) => row(secret, key, value)));
  return [
    `# Secrets of ${platform}`,
    '',
    'What must stand in the cluster before the workloads start, and stands in no manifest. `bouture up` and `pulumi up` make all of it.',
    'For who applies the manifests by other means, `bouture secrets` prints it: a generated value is one random text of letters and digits,',
    'the same wherever its name stands.',
    '',
    '| Namespace | Secret | Key | Value |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
    ...(expectedSecrets.length === 0
      ? []
      : [
          '## Made by you',
          '',
          'What must exist before anything is deployed, and nothing here makes.',
          '',
          '| Namespace | Secret | Keys | Holds |',
          '| --- | --- | --- | --- |',
          ...expectedSecrets.map(
            ({ namespace, name, keys, purpose }) => `| ${namespace} | ${name} | ${keys.join(', ')} | ${purpose} |`,
          ),
          '',
        ]),
  ].join('\n');
}

function row({ namespace, name }: SynthesizedSecret, key: string, value: SecretValue): string {
  const made =
    value instanceof SignedToken
      ? `JSON web token: \`${JSON.stringify(value.claims)}\`, signed by HS512 with \`${value.key.id}\``
      : value instanceof GeneratedValue
        ? `generated: \`${value.id}\`, ${value.length} characters`
        : value instanceof DeployTimeValue
          ? `known only at deployment, \`${value.id}\`: ${value.description}`
          : value.includes('\n')
            ? 'text of several lines, from the configuration'
            : `text: \`${value}\``;
  return `| ${namespace} | ${name} | ${key} | ${made} |`;
}
