import { argoProducts } from '../../constructs/catalog/services/names';
import type { Conflict } from '../config/check';
import { nearest } from '../config/nearest';
import { formatPath } from '../config/problems';
import { type Sections, servesPeople } from '../sections/platform';
import { apiServerIsKnown } from './clouds';
import { PARTS } from './cluster';

/** Parts of the platform, whose files in charts-out/ a project of the same name would share. */
const FURTHER_PARTS = [
  'argo',
  'catalog',
  'gpu',
  'gpu-reclaim',
  'keycloak',
  'onyxia',
  'spaces',
  'tenant-policies',
  'vault',
];

/** Projects are told from the parts of the platform. */
export function* peopleProjectsAreNoParts({ people }: Sections): Iterable<Conflict> {
  for (const [index, project] of (people?.projects ?? []).entries()) {
    const name = project.name;
    if (name === undefined || ![...PARTS, ...FURTHER_PARTS].includes(name)) continue;
    yield {
      path: ['people', 'projects', index, 'name'],
      message: 'a part of the platform has this name: choose another',
    };
  }
}

/** Services of people have their hosts below another domain. */
export function* peopleHostsDiffer({ exposure, people }: Sections): Iterable<Conflict> {
  const domain = exposure?.domain;
  if (domain !== undefined && people?.services?.domain === domain) {
    const message = 'services of people could take the hosts of the platform';
    yield {
      path: ['people', 'services', 'domain'],
      reads: [['exposure', 'domain']],
      message,
      expected: `a domain of their own, such as lab.${domain}`,
    };
  }
}

/** Onyxia tells each service its host. */
export function* onyxiaHasADomain({ onyxia, people }: Sections): Iterable<Conflict> {
  if (onyxia === undefined || people?.services !== undefined) return;
  yield {
    path: ['people', 'services'],
    reads: [['onyxia']],
    message: 'Onyxia starts services under hosts of their own, and no domain is named for them',
    expected: '{domain: lab.example.org, ingressClassName: ...}',
  };
}

/** Clients that the platform asks an identity provider of somebody else for. */
export function* externalClientsAreKnown(config: Sections): Iterable<Conflict> {
  const clients = config.identity?.external?.clients;
  if (clients === undefined) return;
  const asked = [
    ...(config.onyxia === undefined ? [] : ['onyxia']),
    ...(config.objectStore?.minio === undefined || !servesPeople(config) ? [] : ['onyxia-minio']),
    ...(config.objectStore?.external?.people === undefined ? [] : ['onyxia-s3']),
    ...(config.secrets === undefined ? [] : ['vault']),
    ...(config.coding === undefined ? [] : ['monitoring', 'workflows']),
    ...(config.coding === undefined || config.delivery === undefined ? [] : ['argo-cd']),
  ];
  const path = ['identity', 'external', 'clients'];
  const reads = [['onyxia'], ['objectStore'], ['secrets'], ['coding'], ['delivery']];
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
  if (config.coding !== undefined && own === (config.workflows?.database ?? 'workflows')) {
    const message = `the database ${own} is that of Argo Workflows already: choose another name`;
    yield { path: ['identity', 'keycloak', 'database'], reads: [['workflows', 'database']], message };
  }
  if (own !== main && own !== `${main}_auth`) return;
  const message = `the database ${own} is MLflow's already: choose another name`;
  yield { path: ['identity', 'keycloak', 'database'], reads: [['mlflow', 'database']], message };
}

/** Tokens tell the roles that quotas go by; of a provider of somebody else nobody knows here. */
export function* quotaRolesExist({ identity, people }: Sections): Iterable<Conflict> {
  const keycloak = identity?.keycloak;
  if (keycloak === undefined) return;
  const known = keycloak.roles ?? [];
  for (const role of Object.keys(people?.roleQuotas ?? {})) {
    if (known.includes(role)) continue;
    yield {
      path: ['people', 'roleQuotas', role],
      reads: [['identity', 'keycloak', 'roles']],
      message: 'the realm has no such role, so nobody would have this quota',
      expected: `a role of identity.keycloak.roles${known.length === 0 ? '' : ` (${known.join(', ')})`}`,
      suggestion: nearest(role, known),
    };
  }
}

/** Argo's Pods work with the API of Kubernetes, which a space does not reach by itself. */
export function* argoReachesTheApi(config: Sections): Iterable<Conflict> {
  if (apiServerIsKnown(config)) return;
  for (const [index, { builtIn }] of (config.onyxia?.catalogs ?? []).entries()) {
    const [product] = argoProducts(builtIn?.services ?? []);
    if (product === undefined) continue;
    const named = ['onyxia', 'catalogs', index, 'builtIn', 'services'];
    yield {
      path: ['cluster', 'apiServer'],
      reads: [named],
      message: `the Pods of ${product} in ${formatPath(named)} work with the API of Kubernetes, and nothing says where that answers`,
      expected: '{cidrs: [...], ports: [...]} as `kubectl get endpoints kubernetes` tells them',
    };
  }
}
