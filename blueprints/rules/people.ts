import type { Conflict } from '../config/check';
import { nearest } from '../config/nearest';
import type { Sections } from '../sections/platform';

/** Parts of the platform, whose files in charts-out/ a project of the same name would share. */
const PARTS = [
  'database',
  'exposure',
  'gateway',
  'keycloak',
  'minio',
  'mlflow',
  'object-store',
  'onyxia',
  'platform',
  'postgres',
  'spaces',
  'tenant-policies',
  'vault',
];

/** Projects are told from the parts of the platform. */
export function* peopleProjectsAreNoParts({ people }: Sections): Iterable<Conflict> {
  for (const [index, project] of (people?.projects ?? []).entries()) {
    const name = project.name;
    if (name === undefined || !PARTS.includes(name)) continue;
    yield {
      path: ['people', 'projects', index, 'name'],
      message: 'a part of the platform has this name: choose another',
    };
  }
}

/** Each host leads to one service; those of people's services begin below another domain. */
export function* peopleHostsDiffer(config: Sections): Iterable<Conflict> {
  const domain = config.exposure?.domain;
  const { identity, secrets, onyxia, objectStore, mlflow } = config;
  const hosts: readonly (readonly [string | undefined, readonly string[]])[] = [
    [mlflow === undefined ? undefined : (mlflow.subdomain ?? 'mlflow'), ['mlflow', 'subdomain']],
    [
      objectStore?.minio?.console === true ? (objectStore.minio.consoleSubdomain ?? 'minio') : undefined,
      ['objectStore', 'minio', 'consoleSubdomain'],
    ],
    [
      objectStore?.minio === undefined ? undefined : (objectStore.minio.apiSubdomain ?? 's3'),
      ['objectStore', 'minio', 'apiSubdomain'],
    ],
    [
      identity?.keycloak === undefined ? undefined : (identity.keycloak.subdomain ?? 'auth'),
      ['identity', 'keycloak', 'subdomain'],
    ],
    [secrets === undefined ? undefined : (secrets.subdomain ?? 'vault'), ['secrets', 'subdomain']],
    [onyxia === undefined ? undefined : (onyxia.subdomain ?? 'datalab'), ['onyxia', 'subdomain']],
  ];
  const seen = new Set<string>();
  for (const [subdomain, path] of hosts) {
    if (subdomain === undefined) continue;
    if (seen.has(subdomain))
      yield {
        path,
        message: `the host ${subdomain}.${domain ?? '...'} leads to another service already: choose another subdomain`,
      };
    seen.add(subdomain);
  }
  if (domain !== undefined && onyxia?.services?.domain === domain) {
    const message = 'services of people could take the hosts of the platform';
    yield {
      path: ['onyxia', 'services', 'domain'],
      reads: [['exposure', 'domain']],
      message,
      expected: `a domain of their own, such as lab.${domain}`,
    };
  }
}

/** Clients that the platform asks an identity provider of somebody else for. */
export function* externalClientsAreKnown(config: Sections): Iterable<Conflict> {
  const clients = config.identity?.external?.clients;
  if (clients === undefined) return;
  const asked = [
    ...(config.onyxia === undefined ? [] : ['onyxia']),
    ...(config.objectStore?.minio === undefined ? [] : ['onyxia-minio']),
    ...(config.secrets === undefined ? [] : ['vault']),
  ];
  const path = ['identity', 'external', 'clients'];
  const reads = [['onyxia'], ['objectStore'], ['secrets']];
  for (const id of asked) {
    if (Object.hasOwn(clients, id)) continue;
    yield {
      path,
      reads,
      message: `the platform asks for a client ${id}, which is not named`,
      expected: `${id}: {clientId: ...}`,
    };
  }
  for (const id of Object.keys(clients)) {
    if (asked.includes(id)) continue;
    yield {
      path: [...path, id],
      reads,
      message: `nothing here asks for a client ${id}`,
      suggestion: nearest(id, asked),
    };
  }
}

/** Each database has one owner. */
export function* databasesDiffer(config: Sections): Iterable<Conflict> {
  const keycloak = config.identity?.keycloak;
  if (keycloak === undefined || config.mlflow === undefined) return;
  const main = config.mlflow.database ?? 'mlflow';
  const own = keycloak.database ?? 'keycloak';
  if (own !== main && own !== `${main}_auth`) return;
  const message = `the database ${own} is MLflow's already: choose another name`;
  yield { path: ['identity', 'keycloak', 'database'], reads: [['mlflow', 'database']], message };
}
