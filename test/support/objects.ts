import type { KubernetesManifest, Synthesis } from '../../constructs';

/** A value deep in an object, by its path. Undefined where the path ends early. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (found, key) => (typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined),
    value,
  );
}

/** A list deep in an object, empty where there is none. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? (found as readonly unknown[]) : [];
}

/** The one object of a kind and name. @throws Error when there is none, or more than one */
export function objectOf({ objects }: Synthesis, kind: string, name: string | RegExp): KubernetesManifest {
  const found = objects
    .map(({ manifest }) => manifest)
    .filter(
      ({ kind: given, metadata }) =>
        given === kind && (typeof name === 'string' ? metadata.name === name : name.test(metadata.name)),
    );
  const [only] = found;
  if (only === undefined || found.length > 1) {
    throw new Error(
      `expected one ${kind} ${String(name)}, found ${found.map(({ metadata }) => metadata.name).join(', ')}`,
    );
  }
  return only;
}
