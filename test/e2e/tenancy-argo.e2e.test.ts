import { argoWorkflowsService, type KubernetesManifest, launch, synthesize } from '../../constructs';
import { CLIENT_RULES, CONTROLLER_RULES } from '../../constructs/mlops/argo-roles';
import { plainProgress } from '../../tools/cluster/progress';
import { ensurePrograms } from '../../tools/cluster/programs';
import { image } from '../constructs/catalog/fixture';
import { at, listAt } from '../support/objects';
import { TestAuthority } from './support/certificate-authority';
import type { Running } from './support/commands';
import { type ApiAnswer, LocalApiServer } from './support/local-api-server';
import { LocalArgoServer, startArgo } from './support/local-argo';
import { workflow } from './support/tenancy-argo-attempts';
import type { Outcome } from './support/tenancy-attempts';
import { applyTo, declareTenancy, member, namespaceOf, outcomeOf } from './support/tenancy-cluster';
import { expectDocumented, testTrials, type Trial, tryAll } from './support/tenancy-table';
import { authenticationOf, TokenIssuer } from './support/token-issuer';
import { eventually } from './support/waiting';

/**
 * What people try at Argo Workflows, with its real programs and a real API server: at one for everybody, whose server acts with its own
 * account, and at those of the catalog, one for each space. No step runs, for there is no node: a Pod is admitted or refused.
 */

type Person = 'alpha' | 'beta';

/** Who has which server, and how its controller names workflows that it has seen before. */
interface Subject {
  readonly servers: Readonly<Record<Person, LocalArgoServer>>;
  readonly run: string;
}

/** Where an Argo for everybody is. */
const SHARED = 'argo';
/** The release that each person starts from the catalog. */
const RELEASE = 'flows';
const EXECUTOR = image('argo-workflows').reference;

let authority: TestAuthority;
let issuer: TokenIssuer;
let cluster: LocalApiServer;
const running: Running[] = [];
const parts = declareTenancy();

const tokenOf = (name: Person) => issuer.sign({ aud: ['onyxia'], preferred_username: name, groups: [] });

async function outcomeAt(
  server: LocalArgoServer,
  method: 'GET' | 'POST',
  path: string,
  { as, body }: { readonly as?: Person; readonly body?: unknown } = {},
): Promise<Outcome> {
  const answer = await server.ask(method, path, { token: as === undefined ? undefined : tokenOf(as), body });
  if (answer.status === 401) return 'Argo';
  if (answer.status === 403) return 'RBAC';
  return outcomeOf({ ...answer, warnings: [] });
}

/** Submits a workflow to its own server, and tells what the workflow is like once the controller has seen it. */
async function submitted(
  { servers: { alpha } }: Subject,
  body: object,
  seen: (workflow: unknown) => boolean | Promise<boolean>,
): Promise<unknown> {
  const made = await alpha.ask('POST', '/api/v1/workflows/user-alpha', {
    token: tokenOf('alpha'),
    body: { workflow: body },
  });
  if (made.status !== 200) throw new Error(`${made.status} ${JSON.stringify(made.body)}`);
  const name = String(at(made.body, 'metadata', 'name'));
  const look = async () => {
    const now = await alpha.ask('GET', `/api/v1/workflows/user-alpha/${name}`, { token: tokenOf('alpha') });
    if (!(await seen(now.body))) throw new Error(JSON.stringify(at(now.body, 'status')));
    return now.body;
  };
  return eventually(`the workflow ${name}`, look, { seconds: 120 });
}

/** What became of the Pod of a workflow's one step. */
async function podOutcome(subject: Subject, body: object): Promise<Outcome> {
  const pods = (now: unknown) => {
    const selector = `workflows.argoproj.io/workflow=${String(at(now, 'metadata', 'name'))}`;
    return cluster.kubectl(['get', 'pods', '-n', 'user-alpha', '-l', selector, '-o', 'name']);
  };
  const nodes = (now: unknown) =>
    Object.values((at(now, 'status', 'nodes') ?? {}) as Readonly<Record<string, unknown>>);
  const ended = (node: unknown) => ['Error', 'Failed'].includes(String(at(node, 'phase')));
  const found = await submitted(subject, body, async (now) => nodes(now).some(ended) || (await pods(now)) !== '');
  if ((await pods(found)) !== '') return 'allowed';
  const message = nodes(found)
    .map((node) => String(at(node, 'message')))
    .join('\n');
  return outcomeOf({ status: 403, body: { message }, warnings: [] });
}

const own = '/api/v1/workflows/user-alpha';
const neighbours = '/api/v1/workflows/user-beta';

const TRIALS: readonly Trial<Subject>[] = (
  [
    [
      'submits a workflow in its own space',
      ({ servers, run }: Subject) =>
        outcomeAt(servers.alpha, 'POST', own, { as: 'alpha', body: { workflow: workflow(`own-${run}`) } }),
      'allowed',
      'allowed',
    ],
    [
      'has a workflow run to its end',
      async (subject: Subject) => {
        const waits = { container: undefined, suspend: { duration: '1s' } };
        const body = workflow(`ends-${subject.run}`, {}, waits);
        await submitted(subject, body, (now) => at(now, 'status', 'phase') === 'Succeeded');
        return 'allowed';
      },
      'allowed',
      'allowed',
    ],
    [
      'sees it in the list of its space',
      async ({ servers: { alpha }, run }: Subject) => {
        const names = async () => {
          const { status, body } = await alpha.ask('GET', own, { token: tokenOf('alpha') });
          if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
          return ((at(body, 'items') ?? []) as unknown[]).map((one) => at(one, 'metadata', 'name'));
        };
        await eventually('the list of workflows', async () => (await names()).includes(`own-${run}`));
        return 'allowed';
      },
      'allowed',
      'allowed',
    ],
    [
      'submits a workflow in a neighbour’s space',
      ({ servers, run }: Subject) =>
        outcomeAt(servers.alpha, 'POST', neighbours, { as: 'alpha', body: { workflow: workflow(`theirs-${run}`) } }),
      'allowed',
      'RBAC',
    ],
    [
      'reads the workflows of a neighbour',
      ({ servers }: Subject) => outcomeAt(servers.alpha, 'GET', neighbours, { as: 'alpha' }),
      'allowed',
      'RBAC',
    ],
    [
      'reads them at the neighbour’s server',
      ({ servers }: Subject) => outcomeAt(servers.beta, 'GET', neighbours, { as: 'alpha' }),
      'allowed',
      'RBAC',
    ],
    [
      'reads the workflows of all',
      ({ servers }: Subject) => outcomeAt(servers.alpha, 'GET', '/api/v1/workflows/', { as: 'alpha' }),
      'allowed',
      'RBAC',
    ],
    [
      'reads the archived workflows of a neighbour',
      ({ servers }: Subject) =>
        outcomeAt(servers.alpha, 'GET', '/api/v1/archived-workflows?namespace=user-beta', { as: 'alpha' }),
      'allowed',
      'RBAC',
    ],
    [
      'comes to a server without a token',
      ({ servers }: Subject) => outcomeAt(servers.alpha, 'GET', own),
      'allowed',
      'Argo',
    ],
    [
      'gets an ordinary Pod from the controller',
      (subject: Subject) => podOutcome(subject, workflow(`plain-${subject.run}`)),
      'allowed',
      'allowed',
    ],
    [
      'gets a privileged Pod from the controller, by podSpecPatch',
      (subject: Subject) => {
        const podSpecPatch = JSON.stringify({
          containers: [{ name: 'main', securityContext: { privileged: true } }],
        });
        return podOutcome(subject, workflow(`patched-${subject.run}`, { podSpecPatch }));
      },
      'allowed',
      'Pod Security',
    ],
    [
      'gets a Pod on the node’s network from the controller',
      (subject: Subject) => podOutcome(subject, workflow(`host-${subject.run}`, { hostNetwork: true })),
      'allowed',
      'Pod Security',
    ],
    [
      'has a step act as an account that its space does not have',
      (subject: Subject) =>
        podOutcome(subject, workflow(`account-${subject.run}`, { serviceAccountName: 'spaces-keeper' })),
      'invalid',
      'invalid',
    ],
  ] as const
).map(([what, act, without, now]) => ({ test: 'T22', what, act: async (subject) => act(subject), without, with: now }));

const configMap = (name: string, data: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: SHARED },
  data,
});

/** What is quick to set up: one Argo whose server asks nobody who they are, with its rights in every namespace. */
async function shared(): Promise<Subject> {
  const rbac = 'rbac.authorization.k8s.io';
  const silent = 'enabled: false\n';
  await applyTo(cluster, [
    namespaceOf(SHARED),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'argo', namespace: SHARED } },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'argo-for-all' },
      rules: [...CONTROLLER_RULES, ...CLIENT_RULES],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'argo-for-all' },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'argo-for-all' },
      subjects: [{ kind: 'ServiceAccount', name: 'argo', namespace: SHARED }],
    },
    configMap('config', { nodeEvents: silent, workflowEvents: silent, metricsConfig: silent }),
  ]);
  const props = { kubeconfig: await cluster.accountKubeconfig(SHARED, 'argo'), namespace: SHARED };
  const options = ['--configmap=config'];
  running.push(startArgo({ ...props, command: ['workflow-controller', ...options, `--executor-image=${EXECUTOR}`] }));
  const server = await LocalArgoServer.start({
    ...props,
    command: ['argo', 'server', '--auth-mode=server', '--secure=false', ...options],
  });
  running.push(server.running);
  return { servers: { alpha: server, beta: server }, run: 'shared' };
}

/** Launches the service with somebody's own token, as Onyxia does, and starts its server. */
async function launched(
  person: Person,
): Promise<{ readonly server: LocalArgoServer; readonly objects: readonly KubernetesManifest[] }> {
  const namespace = `user-${person}`;
  const service = argoWorkflowsService({ image: image('argo-workflows') });
  const objects = launch(service, { release: { name: RELEASE, namespace } });
  for (const object of objects) {
    if (!['ConfigMap', 'Role', 'RoleBinding', 'ServiceAccount'].includes(object.kind)) continue;
    const group = object.apiVersion === 'v1' ? '/api/v1' : `/apis/${object.apiVersion}`;
    const client = cluster.tokenClient(tokenOf(person));
    const answer: ApiAnswer = await client.send(
      'POST',
      `${group}/namespaces/${namespace}/${object.kind.toLowerCase()}s`,
      object,
    );
    client.close();
    if (answer.status !== 201) {
      throw new Error(`${object.kind} ${object.metadata.name}: ${JSON.stringify(answer.body)}`);
    }
  }
  const server = await LocalArgoServer.start({
    kubeconfig: await cluster.accountKubeconfig(namespace, `${RELEASE}-server`),
    namespace,
    command: commandOf(objects, 'StatefulSet'),
  });
  running.push(server.running);
  return { server, objects };
}

function commandOf(objects: readonly KubernetesManifest[], kind: string): readonly string[] {
  const found = objects.find((object) => object.kind === kind);
  return listAt(found, 'spec', 'template', 'spec', 'containers', 0, 'command').map(String);
}

let without: readonly Outcome[];
let withThem: readonly Outcome[];
let controller: Running;

beforeAll(async () => {
  await ensurePrograms(['kubernetes', 'argo-workflows'], plainProgress());
  authority = new TestAuthority();
  issuer = await TokenIssuer.start(authority.issue('issuer', 'IP:127.0.0.1'));
  cluster = await LocalApiServer.create(authenticationOf(issuer, authority));
  const argo = synthesize(parts.platform)
    .objects.filter(({ path }) => path.startsWith('argo/'))
    .map(({ manifest }) => manifest);
  await applyTo(cluster, [
    ...argo.filter(({ kind }) => kind === 'CustomResourceDefinition'),
    ...['alpha', 'beta'].flatMap((person) => [
      namespaceOf(`user-${person}`),
      member(`user-${person}`, 'User', `oidc:${person}`),
    ]),
  ]);
  await cluster.kubectl(['wait', '--for=condition=Established', 'customresourcedefinitions', '--all']);
  without = await tryAll(TRIALS, await shared());
  // Their Pods never end, for no node runs them. The controller of the space would count them among those that may run at the same time.
  await cluster.kubectl(['delete', 'workflows', '--all', '-n', 'user-alpha']);
  for (const one of running.splice(0)) await one.stop();

  await applyTo(cluster, argo);
  await cluster.kubectl(['delete', 'clusterrolebinding', 'argo-for-all']);
  const labels = Object.entries(parts.spaces.namespaceLabels).map(([key, value]) => `${key}=${value}`);
  await cluster.kubectl(['label', 'namespace', 'user-alpha', 'user-beta', ...labels]);
  await eventually('aggregated rights', async () => {
    const client = cluster.tokenClient(tokenOf('alpha'));
    const { status } = await client.send('GET', '/apis/argoproj.io/v1alpha1/namespaces/user-alpha/workflows');
    client.close();
    return status === 200;
  });
  const alpha = await launched('alpha');
  const beta = await launched('beta');
  controller = startArgo({
    kubeconfig: await cluster.accountKubeconfig('user-alpha', `${RELEASE}-controller`),
    namespace: 'user-alpha',
    command: commandOf(alpha.objects, 'Deployment'),
  });
  running.push(controller);
  withThem = await tryAll(TRIALS, { servers: { alpha: alpha.server, beta: beta.server }, run: 'own' });
}, 600_000);

afterAll(async () => {
  for (const one of running) await one.stop();
  await cluster.dispose();
  await issuer.stop();
  authority.remove();
});

testTrials(TRIALS, () => ({ without, with: withThem }));

test('the documentation has the table', () => {
  expectDocumented(TRIALS);
});

test('the rights of the accounts that the service brings suffice its programs', () => {
  for (const { output } of running) {
    expect(output.split('\n').filter((line) => /cannot \w+ resource/.test(line) && !line.includes('oidc:'))).toEqual(
      [],
    );
  }
});
