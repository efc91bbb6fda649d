import type { KubernetesManifest } from '../platform';
import { objectTemplate } from './chart';
import { evaluateTemplate } from './interpret-template';
import type { CatalogLanguage } from './localized';
import type { LiveSecret } from './operations';
import { defaultsOf } from './schema';
import { schemaProblems } from './schema-check';
import { isMap, type JsonValue, type SchemaDefinition } from './schema-definition';
import { type CatalogService, innerObject } from './service';

/** What somebody chose, and where. */
export interface LaunchOptions {
  /** What the person chose, over the defaults. @default - the defaults */
  readonly values?: { readonly [name: string]: JsonValue };
  /** @default - name `test`, in the namespace `user-test` */
  readonly release?: { readonly name: string; readonly namespace: string };
  /** Secrets that are in the namespace already. @default - none */
  readonly secrets?: readonly LiveSecret[];
  /** @default 'en' */
  readonly language?: CatalogLanguage;
}

/** What stands for a value that a launch makes at random. */
const RANDOM = 'random';

/**
 * What Kubernetes gets when somebody launches a service with these values: the objects that `helm template` gives for the chart, computed
 * without Helm. Tests of an office's services use it. A value that a launch makes at random is the word `random` as often as it is long.
 *
 * @throws Error with every value that does not fit the schema
 *
 * @example
 * import { launch, postgresqlService } from 'bouture';
 * const objects = launch(postgresqlService({ image: images.get('postgres') }), { values: { global: { suspend: true } } });
 */
export function launch(service: CatalogService, options: LaunchOptions = {}): readonly KubernetesManifest[] {
  const { values = {}, release = { name: 'test', namespace: 'user-test' }, secrets = [], language = 'en' } = options;
  const all = merged(service.schema, values);
  const problems = schemaProblems(service.schema, all, 'values');
  if (problems.length > 0) {
    throw new Error(problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  }
  const random = (length: number): string => RANDOM.repeat(length).slice(0, length);
  return service.templates(language).objects.flatMap((objects) => {
    const template = objectTemplate(service, objects);
    const surroundings = { values: all, chart: { version: service.version }, release, secrets, random, items: {} };
    const made = evaluateTemplate(template, surroundings, innerObject(objects).kind);
    return isManifest(made) ? [made] : [];
  });
}

/** An object that its condition leaves there. */
function isManifest(made: unknown): made is KubernetesManifest {
  return typeof made === 'object' && made !== null && 'kind' in made && 'metadata' in made;
}

/** Values over defaults, as Helm puts them: maps are joined, everything else is replaced. */
function merged(schema: SchemaDefinition, given: JsonValue | undefined): JsonValue {
  if (given === undefined) return defaultsOf(schema);
  if (!isMap(given)) return given;
  const { properties } = schema;
  if (properties === undefined) {
    const defaults = defaultsOf(schema);
    return isMap(defaults) ? { ...defaults, ...given } : given;
  }
  const names = [...new Set([...Object.keys(properties), ...Object.keys(given)])];
  return Object.fromEntries(
    names.map((name) => {
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      return [name, property === undefined ? (given[name] ?? null) : merged(property, given[name])];
    }),
  );
}
