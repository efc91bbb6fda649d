import { randomInt } from 'node:crypto';
import { load } from 'js-yaml';
import { type CatalogService, type OnyxiaContext, onyxiaValues } from '../../../constructs';
import { isMap, type JsonValue } from '../../../constructs/catalog/schema-definition';
import { attempt, type Finished } from './commands';
import { at, exec, get, list, listAt, textAt } from './kubectl';
import { type Person, PLATFORM, STORE, VAULT } from './people-platform';

/** What Onyxia's page and API do for somebody, from the settings that the platform gives them. */

const NAMESPACE = `${PLATFORM}-onyxia`;
const ACCOUNT = `system:serviceaccount:${NAMESPACE}:onyxia-api`;

type Json = { readonly [name: string]: JsonValue };

/** A namespace, its member, and nothing else, as Onyxia's code makes them at somebody's first login. */
export function space(name: string, labels: object, user: string): object[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'full_control_namespace', namespace: name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: `oidc:${user}` }],
    },
  ];
}

/** Makes somebody's space, with the rights of Onyxia's API and no others. @returns its name */
export async function openSpace(username: string): Promise<string> {
  const name = `user-${username}`;
  const { services } = await region();
  for (const object of space(name, { ...services.namespaceLabels, onyxia_owner: username }, username)) {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [object] });
    const finished = await applyAs(ACCOUNT, input);
    if (finished.code !== 0) throw new Error(finished.output);
  }
  return name;
}

async function applyAs(user: string, input: string): Promise<Finished> {
  return attempt('kubectl', ['apply', '--server-side', '--as', user, '-f', '-'], { input });
}

interface Region {
  readonly services: {
    readonly namespaceLabels: object;
    readonly expose: { readonly domain: string; readonly ingressClassName: string };
  };
  readonly [section: string]: unknown;
}

/** The settings of the API. */
async function settings(key: 'regions' | 'catalogs'): Promise<readonly unknown[]> {
  const maps = await list('configmaps', '-n', NAMESPACE);
  const text = maps.map((map) => at(map, 'data', key)).find((found) => typeof found === 'string') as string;
  return JSON.parse(text) as readonly unknown[];
}

/** The region that the platform gives the API. */
export async function region(): Promise<Region> {
  return (await settings('regions'))[0] as Region;
}

/** What the office lays down for forms, by the name that charts ask for. */
async function schemas(): Promise<Readonly<Record<string, unknown>>> {
  const mounts = listAt(
    await get('deployment', 'onyxia-api', NAMESPACE),
    ...['spec', 'template', 'spec', 'containers', 0, 'volumeMounts'],
  );
  const folder = '/schemas/default/';
  const map = (await list('configmaps', '-n', NAMESPACE)).find(({ metadata }) => metadata.name.includes('-schemas-'));
  return Object.fromEntries(
    mounts
      .map((mount) => [at(mount, 'mountPath'), at(mount, 'subPath')] as const)
      .filter(([path]) => typeof path === 'string' && path.startsWith(folder))
      .map(([path, key]) => [String(path).slice(folder.length), JSON.parse(textAt(map, 'data', String(key)))]),
  );
}

/** Reads from the catalog that the platform serves, where the API does: from its Pod. */
export async function fromCatalog(file: string): Promise<Buffer> {
  const [catalog] = await settings('catalogs');
  const [pod] = await list('pods', '-n', NAMESPACE, '-l', 'app.kubernetes.io/component=api');
  const url = `${textAt(catalog, 'location')}/${file}`;
  const script = 'set -o pipefail; curl --silent --show-error --fail "$1" | base64 -w0';
  return Buffer.from(await exec(NAMESPACE, pod?.metadata.name ?? '', ['bash', '-c', script, '-', url]), 'base64');
}

/** The newest package of a chart, as the index names it. */
export async function chartOf(name: string): Promise<{ readonly file: string; readonly bytes: Buffer }> {
  const index = load((await fromCatalog('index.yaml')).toString());
  const file = textAt(index, 'entries', name, 0, 'urls', 0);
  return { file, bytes: await fromCatalog(file) };
}

/** What the web interface knows of somebody who works in the own space. */
async function contextOf(person: Person, project: string): Promise<OnyxiaContext> {
  const [key = '', secret = '', session = ''] = (await person.credentials()).split(':');
  const { services, certificateAuthorityInjection: authorities } = await region();
  const { domain, ingressClassName } = services.expose;
  return {
    user: {
      idep: person.username,
      name: `${person.username} Example`,
      email: `${person.username}@example.org`,
      lang: 'en',
      darkMode: false,
    },
    service: { oneTimePassword: `once-${randomInt(1e9)}` },
    project: { id: project },
    git: { name: person.username, email: `${person.username}@example.org`, credentials_cache_duration: '3600' },
    vault: {
      VAULT_ADDR: VAULT,
      VAULT_TOKEN: await person.vault(),
      VAULT_MOUNT: 'onyxia-kv',
      VAULT_TOP_DIR: project,
    },
    s3: {
      AWS_ACCESS_KEY_ID: key,
      AWS_SECRET_ACCESS_KEY: secret,
      AWS_SESSION_TOKEN: session,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_S3_ENDPOINT: new URL(STORE).host,
      port: 443,
      pathStyleAccess: true,
    },
    k8s: { domain, ingressClassName, ingress: true, randomSubdomain: randomInt(1e6), useCertManager: false },
    ...(authorities === undefined
      ? {}
      : { certificateAuthorityInjection: { cacerts: textAt(authorities, 'cacerts') } }),
  };
}

/** Values with which the web interface launches a service for somebody, with what the person changes in the form. */
export async function launchValues(
  service: CatalogService,
  person: Person,
  project: string,
  changed: Json = {},
): Promise<Json> {
  return merged(onyxiaValues(service, await contextOf(person, project), await schemas()), changed);
}

function merged(base: Json, changed: Json): Json {
  return Object.fromEntries(
    [...new Set([...Object.keys(base), ...Object.keys(changed)])].map((name) => {
      const [left, right] = [base[name], changed[name]];
      return [name, isMap(left) && isMap(right) ? merged(left, right) : (right ?? left ?? null)];
    }),
  );
}
