import type { Conflict } from '../config/check';
import type { Partially } from '../config/check';
import type { SspcloudInput } from '../sspcloud/schema';

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

type Config = Partially<SspcloudInput>;

/** Projects are told from the parts of the platform. */
export function* peopleProjectsAreNoParts({ people }: Config): Iterable<Conflict> {
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
export function* peopleHostsDiffer(config: Config): Iterable<Conflict> {
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
    [identity?.subdomain ?? 'auth', ['identity', 'subdomain']],
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
