import { type Attempt, OWN, pod } from './tenancy-attempts';

type Plain = Readonly<Record<string, unknown>>;

const GROUP = 'argoproj.io/v1alpha1';
/** Where an office runs an Argo of its own, which works for the whole cluster. */
const OFFICE = 'argo';

const named = (resource: string, namespace: string) => `/apis/${GROUP}/namespaces/${namespace}/${resource}`;
const argo = (kind: string, name: string, spec: Plain, metadata: Plain = {}): Plain => ({
  apiVersion: GROUP,
  kind,
  metadata: { name, ...metadata },
  spec,
});

/** A Workflow of one step. */
export function workflow(name: string, spec: Plain = {}, template: Plain = {}, metadata: Plain = {}): Plain {
  const container = { image: 'registry.example.org/step:1.0', command: ['true'] };
  const templates = [{ name: 'main', container, ...template }];
  return argo('Workflow', name, { entrypoint: 'main', ...spec, templates }, metadata);
}

const APPLICATION = argo('Application', 'census', {
  project: 'default',
  source: { repoURL: 'https://git.example.org/census.git', path: '.' },
  destination: { server: 'https://kubernetes.default.svc', namespace: 'kube-system' },
});
const PROJECT = argo('AppProject', 'everything', {
  sourceRepos: ['*'],
  destinations: [{ server: '*', namespace: '*' }],
  clusterResourceWhitelist: [{ group: '*', kind: '*' }],
});
const ISSUER = { apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer', metadata: { name: 'mine' }, spec: {} };

/** T21: kinds that programs act on which belong to the whole cluster or to others. */
const KINDS: readonly Attempt[] = (
  [
    ['an Application where the office’s Argo CD is', named('applications', OFFICE), APPLICATION, 'RBAC', 'RBAC'],
    ['an AppProject where the office’s Argo CD is', named('appprojects', OFFICE), PROJECT, 'RBAC', 'RBAC'],
    ['an Application in a neighbour’s space', named('applications', 'user-beta'), APPLICATION, 'RBAC', 'RBAC'],
    ['an AppProject in a neighbour’s space', named('appprojects', 'user-beta'), PROJECT, 'RBAC', 'RBAC'],
    [
      'a ClusterWorkflowTemplate',
      `/apis/${GROUP}/clusterworkflowtemplates`,
      { ...workflow('everywhere'), kind: 'ClusterWorkflowTemplate' },
      'RBAC',
      'RBAC',
    ],
    ['a ClusterIssuer of cert-manager', '/apis/cert-manager.io/v1/clusterissuers', ISSUER, 'RBAC', 'RBAC'],
    ['an Application for an Argo CD of its own', named('applications', OWN), APPLICATION, 'allowed', 'allowed'],
    ['an AppProject for an Argo CD of its own', named('appprojects', OWN), PROJECT, 'allowed', 'allowed'],
  ] as const
).map(([what, path, body, without, now]) => ({
  test: 'T21',
  what: `makes ${what}`,
  method: 'POST',
  path,
  body,
  without,
  with: now,
}));

/** T21: who may do less than an administrator of the space gets no more by Argo CD, whose account may do more. */
const EDITOR: Attempt = {
  test: 'T21',
  what: 'makes an Application as an account that may only `edit` the space',
  as: 'editor',
  method: 'POST',
  path: named('applications', OWN),
  body: APPLICATION,
  without: 'allowed',
  with: 'RBAC',
};

const PRIVILEGED = { securityContext: { privileged: true } };

/** T22: Workflows, and the Pods that a controller makes of them. */
const WORKFLOWS: readonly Attempt[] = (
  [
    ['makes a Workflow in the own space', named('workflows', OWN), workflow('own'), 'allowed', 'allowed'],
    ['makes a Workflow in a neighbour’s space', named('workflows', 'user-beta'), workflow('own'), 'RBAC', 'RBAC'],
    ['makes a Workflow where the office’s Argo is', named('workflows', OFFICE), workflow('own'), 'RBAC', 'RBAC'],
    [
      'makes a Workflow in a namespace of the platform',
      named('workflows', 'demo-onyxia'),
      workflow('own'),
      'RBAC',
      'RBAC',
    ],
    ['tells a result for a neighbour’s step', named('workflowtaskresults', 'user-beta'), {}, 'RBAC', 'RBAC'],
    [
      'starts the Pod of a step that names an account of the platform',
      `/api/v1/namespaces/${OWN}/pods`,
      pod('own-main', { serviceAccountName: 'spaces-keeper' }),
      'invalid',
      'invalid',
    ],
    [
      'starts the Pod of a Workflow whose podSpecPatch makes it privileged',
      `/api/v1/namespaces/${OWN}/pods`,
      pod('own-main', {}, PRIVILEGED),
      'allowed',
      'Pod Security',
    ],
    [
      'starts the Pod of a Workflow with a folder of the node',
      `/api/v1/namespaces/${OWN}/pods`,
      pod('own-main', { volumes: [{ name: 'host', hostPath: { path: '/var/run' } }] }),
      'allowed',
      'Pod Security',
    ],
    [
      'makes a Workflow that looks like the platform’s',
      named('workflows', OWN),
      workflow('own', {}, {}, { labels: { 'app.kubernetes.io/managed-by': 'bouture' } }),
      'allowed',
      'managed-objects',
    ],
  ] as const
).map(([what, path, body, without, now]) => ({
  test: 'T22',
  what,
  method: 'POST',
  path,
  body,
  without,
  with: now,
}));

/** What people try by the kinds of Argo. Tried dry, like the others. */
export const ARGO_ATTEMPTS: readonly Attempt[] = [...KINDS, EDITOR, ...WORKFLOWS];
