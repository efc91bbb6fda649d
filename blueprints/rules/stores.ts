import type { Conflict } from '../config/check';
import { nearest } from '../config/nearest';
import type { Path } from '../config/problems';
import { bytes } from '../config/quantities';
import type { Sections } from '../sections/platform';
import { isOfTheCloud } from './clouds';

/** The programs of the coding case that work on its records, and the steps of its workflows. */
const CODING_CONSUMERS = [
  ...['argo-artifacts', 'training', 'coding', 'monitoring-etl', 'monitoring-drift', 'monitoring-dashboard'],
  ...[
    'annotation-sample',
    'annotation-push',
    'annotation-pull',
    'annotation-revision',
    'training-revision',
    'retraining',
  ],
];

/** The consumers of an object store, by the name under which an external store knows their credentials. */
function consumersOf(config: Sections): string[] {
  return [
    ...(config.mlflow === undefined ? [] : ['mlflow']),
    ...(config.database?.postgres?.backup === undefined ? [] : ['postgres-backup', 'postgres-restore']),
    ...(config.identity?.keycloak?.backup === undefined ? [] : ['keycloak-backup', 'keycloak-restore']),
    ...(config.secrets?.snapshots === undefined ? [] : ['vault-snapshots']),
    ...(config.coding === undefined ? [] : CODING_CONSUMERS),
  ];
}

/** What keeps its data in a store needs that store. */
export function* storesExist(config: Sections): Iterable<Conflict> {
  if (config.mlflow !== undefined) {
    const needs = [
      ['objectStore', 'its artifacts'],
      ['database', 'its runs and models'],
    ] as const;
    for (const [section, what] of needs) {
      if (config[section] !== undefined || isOfTheCloud(config, section)) continue;
      yield {
        path: ['mlflow'],
        reads: [[section]],
        message: `MLflow keeps ${what} in the section ${section}, which is missing`,
        expected: `${section}, made here or external; or no mlflow`,
      };
    }
  }
  if (
    config.database?.postgres?.backup !== undefined &&
    config.objectStore === undefined &&
    !isOfTheCloud(config, 'objectStore')
  ) {
    yield {
      path: ['database', 'postgres', 'backup'],
      reads: [['objectStore']],
      message: 'backups go to an object store, and there is none',
      expected: 'objectStore, made here or external; or no backup',
    };
  }
}

/** Each bucket has one owner. */
export function* bucketsDiffer(config: Sections): Iterable<Conflict> {
  const owners: readonly (readonly [string | undefined, Path])[] = [
    [
      config.database?.postgres?.backup === undefined
        ? undefined
        : (config.database.postgres.backup.bucket ?? 'postgres-backups'),
      ['database', 'postgres', 'backup', 'bucket'],
    ],
    [config.mlflow === undefined ? undefined : (config.mlflow.bucket ?? 'mlflow'), ['mlflow', 'bucket']],
    [config.coding && (config.coding.records?.bucket ?? 'nace'), ['coding', 'records', 'bucket']],
    [config.coding && (config.workflows?.bucket ?? 'workflows'), ['workflows', 'bucket']],
    [
      config.identity?.keycloak?.backup === undefined
        ? undefined
        : (config.identity.keycloak.backup.bucket ?? 'keycloak-backups'),
      ['identity', 'keycloak', 'backup', 'bucket'],
    ],
    [
      config.secrets?.snapshots === undefined ? undefined : (config.secrets.snapshots.bucket ?? 'vault-snapshots'),
      ['secrets', 'snapshots', 'bucket'],
    ],
    ...(config.people?.projects ?? []).map(({ name }, index): [string | undefined, Path] => [
      name === undefined ? undefined : `${config.people?.projectPrefix ?? 'projet-'}${name}`,
      ['people', 'projects', index, 'name'],
    ]),
    ...(config.objectStore?.minio?.buckets ?? []).map((bucket, index): [string | undefined, Path] => [
      bucket.name,
      ['objectStore', 'minio', 'buckets', index, 'name'],
    ]),
  ];
  const seen = new Set<string>();
  for (const [name, path] of owners) {
    if (name === undefined) continue;
    if (seen.has(name)) yield { path, message: `the bucket ${name} has another owner already: choose another name` };
    seen.add(name);
  }
}

/** Credentials of an external store are named for who uses it. */
export function* credentialsHaveConsumers(config: Sections): Iterable<Conflict> {
  const consumers = consumersOf(config);
  for (const name of Object.keys(config.objectStore?.external?.credentials ?? {})) {
    if (consumers.includes(name)) continue;
    yield {
      path: ['objectStore', 'external', 'credentials', name],
      reads: [['mlflow'], ['database']],
      message: `nothing here uses the store under the name ${name}`,
      ...(consumers.length === 0 ? {} : { expected: consumers.join(' or ') }),
      suggestion: nearest(name, consumers),
    };
  }
}

/** Databases of an external server are named for who uses them, and both of MLflow's belong to one role. */
export function* externalDatabasesAreUsed(config: Sections): Iterable<Conflict> {
  const databases = config.database?.external?.databases ?? {};
  const base: Path = ['database', 'external', 'databases'];
  const main = config.mlflow === undefined ? undefined : (config.mlflow.database ?? 'mlflow');
  const ofMlflow = main === undefined ? [] : config.mlflow?.authentication === false ? [main] : [main, `${main}_auth`];
  const ofKeycloak = config.identity?.keycloak === undefined ? [] : [config.identity.keycloak.database ?? 'keycloak'];
  const ofWorkflows = config.coding === undefined ? [] : [config.workflows?.database ?? 'workflows'];
  const known = [...ofMlflow, ...ofKeycloak, ...ofWorkflows];
  for (const name of Object.keys(databases)) {
    if (known.includes(name)) continue;
    yield {
      path: [...base, name],
      reads: [['mlflow']],
      message: `nothing here uses a database of the name ${name}`,
      ...(known.length === 0 ? {} : { expected: known.join(' or ') }),
      suggestion: nearest(name, known),
    };
  }
  if (main === undefined) return;
  const users = databases[`${main}_auth`];
  for (const key of ['user', 'password'] as const) {
    if (users?.[key] === undefined) continue;
    const message = `MLflow opens both of its databases as one role: say it under ${main}`;
    yield { path: [...base, `${main}_auth`, key], message };
  }
  const names = ofMlflow.map((name) => databases[name]?.database ?? name);
  if (names.length === 2 && names[0] === names[1]) {
    yield {
      path: [...base, databases[`${main}_auth`]?.database === undefined ? main : `${main}_auth`, 'database'],
      message: 'both databases of MLflow would be one: its tables and those of its users have the same names',
    };
  }
}

/** The memory that PostgreSQL shares fits into its limit. */
export function* sharedMemoryFits(config: Sections): Iterable<Conflict> {
  const { sharedMemory = '256Mi', resources } = config.database?.postgres ?? {};
  const limit = resources?.memory?.limit;
  if (limit === undefined || (bytes(sharedMemory) ?? 0) < (bytes(limit) ?? Number.POSITIVE_INFINITY)) return;
  yield {
    path: ['database', 'postgres', 'resources', 'memory', 'limit'],
    reads: [['database', 'postgres', 'sharedMemory']],
    message: `the limit leaves nothing beside ${sharedMemory} of shared memory`,
    expected: 'more than sharedMemory',
  };
}

/** Names of the Secrets that the platform makes by itself, which can hold nothing else. */
const OWN_SECRET =
  /^(?:database-administrator|minio-(?:root|identity|user-.*)|postgres-(?:superuser|role-.*)|mlflow-(?:accounts|keys)|keycloak-(?:admin|reconciler|backup|client-.*)|vault-(?:access|unseal))$/;

/** What somebody else provides stands in a Secret of another name than those that the platform makes. */
export function* secretsAreOthers({ objectStore, database, identity, secrets }: Sections): Iterable<Conflict> {
  const existing = Object.entries(database?.external?.databases ?? {});
  const credentials = Object.entries(objectStore?.external?.credentials ?? {});
  const named: readonly (readonly [string | undefined, Path])[] = [
    [objectStore?.minio?.tls?.secretName, ['objectStore', 'minio', 'tls', 'secretName']],
    [database?.postgres?.tls?.secretName, ['database', 'postgres', 'tls', 'secretName']],
    [identity?.keycloak?.tls?.secretName, ['identity', 'keycloak', 'tls', 'secretName']],
    [secrets?.tls?.secretName, ['secrets', 'tls', 'secretName']],
    ...credentials.map(
      ([name, keys]) => [keys?.secretName, ['objectStore', 'external', 'credentials', name, 'secretName']] as const,
    ),
    ...existing.map(
      ([name, role]) =>
        [role?.password?.secret, ['database', 'external', 'databases', name, 'password', 'secret']] as const,
    ),
  ];
  for (const [name, path] of named) {
    if (name !== undefined && OWN_SECRET.test(name)) {
      yield { path, message: 'the platform makes a Secret of this name itself: name the one that you make' };
    }
  }
}
