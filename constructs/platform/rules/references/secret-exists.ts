import type { Field } from '../field';
import type { PlatformRule } from '../rule';
import { type PlatformView, type PodView, type Workload, isWorkload } from '../view';

export const secretExists: PlatformRule = {
  id: 'secret-exists',
  level: 'error',
  scope: 'platform',
  why: 'A Pod that refers to a Secret or a key that nobody makes stays in CreateContainerConfigError for ever.',
  source: 'https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data',
  fix: 'pass the reference that secret.ref(key) gives; where somebody else makes the Secret, say so by platform.expectSecret()',
  *check(platform) {
    const secrets = knownSecrets(platform);
    for (const object of platform.objects) {
      for (const { name, key, optional } of references(object)) {
        if (optional || name.text === undefined) continue;
        const keys = secrets.get(`${object.namespace ?? ''}/${name.text}`);
        if (keys === undefined) {
          yield {
            object,
            field: name.path,
            message: `nobody makes the Secret "${name.text}" in ${object.namespace ?? ''}`,
          };
        } else if (key?.text !== undefined && keys !== 'unknown' && !keys.has(key.text)) {
          const has = [...keys].sort().join(', ');
          yield {
            object,
            field: key.path,
            message: `the Secret "${name.text}" has no key "${key.text}": it has ${has}`,
          };
        }
      }
    }
  },
};

interface SecretReference {
  readonly name: Field;
  /** @default - the whole Secret */
  readonly key?: Field;
  readonly optional: boolean;
}

/** Secrets by `namespace/name`, with their keys; those that an operator fills have keys that nobody knows here. */
function knownSecrets(platform: PlatformView): ReadonlyMap<string, ReadonlySet<string> | 'unknown'> {
  const known = new Map<string, ReadonlySet<string> | 'unknown'>(platform.secrets);
  for (const { namespace = '', name, root } of platform.ofKind('Secret')) {
    const keys = [...root.at('data').entries(), ...root.at('stringData').entries()].map(([key]) => key);
    known.set(`${namespace}/${name}`, keys.length === 0 ? 'unknown' : new Set(keys));
  }
  for (const { namespace = '', spec } of platform.ofKind('Certificate')) {
    known.set(`${namespace}/${spec.at('secretName').text ?? ''}`, 'unknown');
  }
  for (const { namespace = '', name, spec } of platform.ofKind('ExternalSecret')) {
    known.set(`${namespace}/${spec.at('target', 'name').text ?? name}`, 'unknown');
  }
  return known;
}

function references(object: Workload | PlatformView['objects'][number]): readonly SecretReference[] {
  return isWorkload(object) ? ofPod(object.pod) : [];
}

function ofPod({ spec, containers }: PodView): readonly SecretReference[] {
  const variables = containers
    .flatMap((container) => container.at('env').items())
    .map((variable) => variable.at('valueFrom', 'secretKeyRef'));
  const whole = containers
    .flatMap((container) => container.at('envFrom').items())
    .map((source) => source.at('secretRef'));
  const volumes = spec.at('volumes').items();
  const projected = volumes
    .flatMap((volume) => volume.at('projected', 'sources').items())
    .map((source) => source.at('secret'));
  const mounted = volumes.map((volume) => volume.at('secret'));
  return [
    ...variables.map((ref) => ({ name: ref.at('name'), key: ref.at('key'), optional: isOptional(ref) })),
    ...whole.map((ref) => ({ name: ref.at('name'), optional: isOptional(ref) })),
    ...projected.flatMap((ref) => withItems(ref, 'name')),
    ...mounted.flatMap((ref) => withItems(ref, 'secretName')),
    ...spec
      .at('imagePullSecrets')
      .items()
      .map((ref) => ({ name: ref.at('name'), optional: false })),
  ];
}

function withItems(ref: Field, nameKey: string): readonly SecretReference[] {
  const name = ref.at(nameKey);
  const items = ref.at('items').items();
  if (items.length === 0) return [{ name, optional: isOptional(ref) }];
  return items.map((item) => ({ name, key: item.at('key'), optional: isOptional(ref) }));
}

function isOptional(ref: Field): boolean {
  return ref.at('optional').value === true;
}
