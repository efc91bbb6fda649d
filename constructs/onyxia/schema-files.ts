import { compare, contentHash, dnsLabel, type k8s } from '../platform';
import { SCHEMA_FOLDERS } from './api-settings';
import {
  type FormSchema,
  type Injections,
  injectionSchemas,
  overrideSchemas,
  type SchemaSettings,
} from './schema-overrides';

/** Where the API looks for the form of people's profile. */
const PROFILE = '/userProfile/default';
const VOLUME = 'schemas';

/** Files of the API, in one ConfigMap. */
export interface SchemaFiles {
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
  readonly volume: k8s.Volume;
  readonly mounts: readonly k8s.VolumeMount[];
}

/**
 * The schemas that the API gives charts in place of its bundled ones, and the form of people's profile. Each is mounted by itself: the
 * API walks its folders and follows no link, and a whole ConfigMap is mounted as links.
 *
 * @default - undefined when there are none
 * @throws Error when a role is no name of a folder
 */
export function schemaFiles(
  prefix: string,
  settings: SchemaSettings,
  injections: Injections,
  profile: FormSchema | undefined,
): SchemaFiles | undefined {
  const { roles = {}, ...everyone } = settings;
  const wrong = Object.keys(roles).find((role) => !/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(role));
  if (wrong !== undefined) {
    throw new Error(`schemas.roles: "${wrong}" is no role: expected letters, digits, dashes and underscores`);
  }
  const schemas = { ...injectionSchemas(injections), ...overrideSchemas(everyone) };
  const files: [string, FormSchema][] = [
    ...Object.entries(schemas).map(([path, schema]): [string, FormSchema] => [
      `${SCHEMA_FOLDERS.everyone}/${path}`,
      schema,
    ]),
    ...Object.entries(roles).flatMap(([role, overrides]) =>
      Object.entries(overrideSchemas(overrides)).map(([path, schema]): [string, FormSchema] => [
        `${SCHEMA_FOLDERS.roles}/${role}/${path}`,
        schema,
      ]),
    ),
    ...(profile === undefined ? [] : [[PROFILE, profile] as [string, FormSchema]]),
  ];
  if (files.length === 0) return undefined;
  const sorted = files.sort(([a], [b]) => compare(a, b));
  const keyOf = (path: string): string => path.slice(1).replaceAll('/', '.');
  const data = Object.fromEntries(
    sorted.map(([path, schema]) => [keyOf(path), `${JSON.stringify(schema, undefined, 2)}\n`]),
  );
  const name = dnsLabel('name', `${prefix}-${contentHash(data)}`);
  return {
    name,
    data,
    volume: { name: VOLUME, configMap: { name } },
    mounts: sorted.map(([path]) => ({ name: VOLUME, mountPath: path, subPath: keyOf(path), readOnly: true })),
  };
}
