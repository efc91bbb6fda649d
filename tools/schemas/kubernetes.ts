import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonObject, list, object, text } from './json';
import { closed } from './strict';

/** What the tests know of one Kubernetes version. */
export interface SchemaSet {
  /** `v1.34.4` */
  readonly version: string;
  /** Name of the definition of each kind, by `apps/v1/Deployment`. */
  readonly kinds: Readonly<Record<string, string>>;
  /** Kinds that live in no namespace. */
  readonly clusterScoped: readonly string[];
  /** Minor version since which the API server warns of a kind: `v1/Endpoints` -> `1.33`. */
  readonly deprecated: Readonly<Record<string, string>>;
  /** JSON Schemas, closed: a property that is not there is refused. */
  readonly definitions: Readonly<Record<string, unknown>>;
}

const PREFIX = '#/definitions/';

/**
 * Builds the strict schemas of one Kubernetes version from its sources.
 *
 * @param kubernetes folder of the module k8s.io/kubernetes: the published OpenAPI document, and the generated Go code that has the enumerations, which the document lacks
 * @param api folder of the module k8s.io/api: the generated life cycle of each kind
 */
export function kubernetesSchemas(version: string, kubernetes: string, api: string): SchemaSet {
  const swagger = object(JSON.parse(readFileSync(join(kubernetes, 'api/openapi-spec/swagger.json'), 'utf8')));
  const source = object(swagger['definitions']);
  const enumerations = readEnumerations(join(kubernetes, 'pkg/generated/openapi/zz_generated.openapi.go'));
  const kinds = topLevelKinds(source);
  const definitions: Record<string, unknown> = {};
  const queue = Object.values(kinds);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (name in definitions) continue;
    const definition = withEnumerations(name, object(source[name]), enumerations);
    definitions[name] = special(name) ?? closed(definition);
    queue.push(...references(definition));
  }
  return {
    version,
    kinds,
    clusterScoped: clusterScopedKinds(object(swagger['paths'])),
    deprecated: deprecations(api, kinds),
    definitions: Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** The kinds that a manifest can be: one group, version and kind, with metadata. */
function topLevelKinds(definitions: JsonObject): Record<string, string> {
  const found: [string, string][] = [];
  for (const [name, definition] of Object.entries(definitions)) {
    const identities = list(object(definition)['x-kubernetes-group-version-kind']);
    const properties = object(object(definition)['properties']);
    if (identities.length !== 1 || !('metadata' in properties) || name.endsWith('List')) continue;
    const { group, version, kind } = object(identities[0]);
    found.push([`${text(group) === '' ? '' : `${text(group)}/`}${text(version)}/${text(kind)}`, name]);
  }
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Types whose JSON differs from what the document says of them. */
function special(name: string): unknown {
  switch (name) {
    case 'io.k8s.apimachinery.pkg.util.intstr.IntOrString':
      return { type: ['integer', 'string'] };
    case 'io.k8s.apimachinery.pkg.api.resource.Quantity':
      return { type: ['number', 'string'], format: 'quantity' };
    default:
      return undefined;
  }
}

function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner.slice(PREFIX.length)] : references(inner),
  );
}

/** Enumerations by Go name of the type, then property. */
type Enumerations = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/** Reads the enumerations from the generated Go code, whose layout gofmt fixes. */
function readEnumerations(file: string): Enumerations {
  const found = new Map<string, Map<string, string[]>>();
  let type = '';
  let property = '';
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const header = /^func schema_(\w+)\(/.exec(line)?.[1];
    if (header !== undefined) [type, property] = [header, ''];
    const key = /^\t{5}"([^"]+)": \{$/.exec(line)?.[1];
    if (key !== undefined) property = key;
    const values = /^\t+Enum: +\[\](?:interface\{\}|any)\{(.*)\},$/.exec(line)?.[1];
    if (values === undefined) continue;
    const properties = found.get(type) ?? new Map<string, string[]>();
    properties.set(property, JSON.parse(`[${values}]`) as string[]);
    found.set(type, properties);
  }
  return found;
}

function withEnumerations(name: string, definition: JsonObject, enumerations: Enumerations): JsonObject {
  const goName = name.startsWith('io.k8s.') ? `k8sio.${name.slice('io.k8s.'.length)}`.replaceAll('.', '_') : name;
  const values = enumerations.get(goName);
  if (values === undefined) return definition;
  const properties = Object.entries(object(definition['properties'])).map(([key, schema]) => {
    const allowed = values.get(key);
    if (allowed === undefined) return [key, schema] as const;
    return 'items' in object(schema)
      ? ([key, { ...object(schema), items: { ...object(object(schema)['items']), enum: allowed } }] as const)
      : ([key, { ...object(schema), enum: allowed }] as const);
  });
  return { ...definition, properties: Object.fromEntries(properties) };
}

/** A kind is cluster-scoped when it is created at a path without namespace. */
function clusterScopedKinds(paths: JsonObject): string[] {
  const found: string[] = [];
  for (const [path, operations] of Object.entries(paths)) {
    const post = object(object(operations)['post']);
    const { group, version, kind } = object(post['x-kubernetes-group-version-kind']);
    if (post['x-kubernetes-action'] !== 'post' || path.includes('{')) continue;
    const id = `${text(group) === '' ? '' : `${text(group)}/`}${text(version)}/${text(kind)}`;
    const inNamespace = path.replace(/\/([^/]+)$/, '/namespaces/{namespace}/$1');
    if (!(inNamespace in paths)) found.push(id);
  }
  return found.sort();
}

/** Kinds of core/v1 that carry no generated life cycle; from pkg/registry/core/endpoint/strategy.go and KEP-4974. */
const DEPRECATED_BY_HAND: readonly [string, string][] = [['v1/Endpoints', '1.33']];

/** What `prerelease-lifecycle-gen` wrote down: the minor that first warns of each kind. */
function deprecations(api: string, kinds: Readonly<Record<string, string>>): Record<string, string> {
  const found = DEPRECATED_BY_HAND.filter(([id]) => id in kinds);
  const files = readdirSync(api, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('zz_generated.prerelease-lifecycle.go'));
  for (const file of files.sort()) {
    const code = readFileSync(join(api, file), 'utf8');
    const [group = '', version = ''] = file.split('/');
    for (const match of code.matchAll(/func \(in \*(\w+)\) APILifecycleDeprecated\(\) \(major, minor int\) \{\n\treturn (\d+), (\d+)\n/g)) {
      const [, kind = '', major = '', minor = ''] = match;
      const id = Object.entries(kinds).find(([, name]) => name === `io.k8s.api.${group}.${version}.${kind}`)?.[0];
      if (id !== undefined) found.push([id, `${major}.${minor}`]);
    }
  }
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}
