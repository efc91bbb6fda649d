import {
  DeployTimeValue,
  deployTimeIds,
  type GeneratedValue,
  generatedBehind,
  type KubernetesManifest,
  Layer,
  missingDeployTimeValues,
  type SecretValue,
  type SignedToken,
  type Synthesis,
  type SynthesizedSecret,
  WAVE_ANNOTATION,
} from '../constructs';
import { generatedValues, type Rotations, signedTokens, textOf } from './generated-values';

/** A Secret as the cluster gets it, but for its values: each key holds an empty text. It stands in the wave of its namespace. */
export function secretManifest(secret: SynthesizedSecret): KubernetesManifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: metadataOf(secret),
    type: 'Opaque',
    data: Object.fromEntries(Object.keys(secret.data).map((key) => [key, ''])),
  };
}

/**
 * The text of every generated value and of every signed token of a platform, by its id, sorted.
 *
 * @param seed 32 random bytes in base64
 * @throws Error when the seed is of another length, or when two values or tokens share an id
 */
export function secretValues(
  synthesis: Synthesis,
  seed: string,
  rotations: Rotations,
): Readonly<Record<string, string>> {
  const entries = [...generatedValues(synthesis), ...signedTokens(synthesis)];
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, value]) => [id, textOf(value, seed, rotations)]),
  );
}

/**
 * The Secrets of a platform with their values: the same objects that a stack of this seed deploys.
 *
 * @param seed 32 random bytes in base64
 * @throws Error when the seed is of another length, or when a Secret holds what is known only at deployment
 */
export function secretManifests(
  synthesis: Synthesis,
  seed: string,
  rotations: Rotations,
): readonly KubernetesManifest[] {
  refuseDeployTimeValues(synthesis);
  generatedValues(synthesis); // Refuses two values of one id.
  return synthesis.secrets.map((secret) =>
    withTexts(secret, (value) => (isGenerated(value) ? textOf(value, seed, rotations) : plain(value))),
  );
}

function isGenerated(value: SecretValue): value is GeneratedValue | SignedToken {
  return generatedBehind(value) !== undefined;
}

/** The text of what is not generated; a value of deployment has been refused before. */
function plain(value: string | DeployTimeValue): string {
  return typeof value === 'string' ? value : value.token;
}

function withTexts(secret: SynthesizedSecret, text: (value: SecretValue) => string): KubernetesManifest {
  const data = Object.entries(secret.data).map(([key, value]) => [key, Buffer.from(text(value)).toString('base64')]);
  return { ...secretManifest(secret), data: Object.fromEntries(data) as Readonly<Record<string, string>> };
}

/** Where External Secrets reads values. */
export interface ExternalStore {
  /** A SecretStore must stand under this name in each namespace. */
  readonly kind: 'SecretStore' | 'ClusterSecretStore';
  readonly name: string;
}

/**
 * What makes External Secrets write the Secrets of a platform, once for each. A generated value or a signed token is read from `PLATFORM/ID`, property
 * `value`, so that two Secrets which share it cannot disagree. A Secret without any generated value holds no secret and is made as it is: the operator makes none
 * from texts alone.
 *
 * Fields: https://external-secrets.io/latest/api/externalsecret/
 *
 * @throws Error when a Secret holds what is known only at deployment
 */
export function externalSecretManifests(synthesis: Synthesis, store: ExternalStore): readonly KubernetesManifest[] {
  refuseDeployTimeValues(synthesis);
  signedTokens(synthesis); // Refuses two tokens of one id.
  return synthesis.secrets.map((secret) => externalSecret(synthesis.platform, secret, store));
}

function externalSecret(
  platform: string,
  secret: SynthesizedSecret,
  { kind, name: store }: ExternalStore,
): KubernetesManifest {
  const { name, data } = secret;
  const metadata = metadataOf(secret);
  const remote = Object.entries(data).flatMap(([secretKey, value]) =>
    isGenerated(value) ? [{ secretKey, remoteRef: { key: `${platform}/${value.id}`, property: 'value' } }] : [],
  );
  if (remote.length === 0) return withTexts(secret, (value) => (isGenerated(value) ? '' : plain(value)));
  const template = Object.entries(data).map(([key, value]) => [
    key,
    isGenerated(value) ? `{{ index . ${JSON.stringify(key)} }}` : plain(value).replaceAll('{{', '{{ "{{" }}'),
  ]);
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata,
    spec: {
      refreshInterval: '1h',
      secretStoreRef: { kind, name: store },
      target: {
        name,
        creationPolicy: 'Owner',
        deletionPolicy: 'Retain',
        template: {
          engineVersion: 'v2',
          type: 'Opaque',
          metadata: { labels: metadata.labels, annotations: metadata.annotations },
          data: Object.fromEntries(template) as Readonly<Record<string, string>>,
        },
      },
      data: remote,
    },
  };
}

function metadataOf({ name, namespace, labels, annotations }: SynthesizedSecret): KubernetesManifest['metadata'] {
  return { name, namespace, labels, annotations: { ...annotations, [WAVE_ANNOTATION]: String(Layer.NAMESPACES) } };
}

function refuseDeployTimeValues({ secrets }: Synthesis): void {
  for (const secret of secrets) {
    const made = Object.values(secret.data).flatMap((value) => (value instanceof DeployTimeValue ? [value.id] : []));
    const ids = [...deployTimeIds(secret), ...made];
    if (ids.length > 0) throw new Error(`Secret ${secret.namespace}/${secret.name}: ${missingDeployTimeValues(ids)}`);
  }
}
