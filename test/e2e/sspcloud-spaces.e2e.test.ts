import { type AddressInfo, createServer, type Server } from 'node:net';
import { NODE_ADDRESS, WEB_DOMAIN } from '../../tools/cluster/addresses';
import { attempt, run } from './support/commands';
import { apply, at, exec, find, get, kubectl, list, listAt, textAt } from './support/kubectl';
import { openSpace, space } from './support/onyxia';
import { asPerson, deployPlatform, Person, person, PLATFORM, removePlatform } from './support/people-platform';
import { connect, type Outcome, type Probe, type Target } from './support/probes';
import { eventually, say } from './support/waiting';

/**
 * What Pods of people reach, and who reaches them (T16, T17), and what stands inside of them (T18): each once in namespaces as Onyxia
 * alone leaves them, and once in spaces.
 */

/** Namespaces with a member and nothing else: what there is without this library. */
const OPEN = ['e2e-open-alpha', 'e2e-open-beta'] as const;
const SPACES = ['user-alpha', 'user-beta'] as const;
const METADATA_SERVICE = '169.254.169.254';
const LISTEN = `
import socket, threading, time
def serve(port):
    listener = socket.create_server(("", port), backlog=64)
    while True:
        listener.accept()[0].close()
for port in (8888, 5000):
    threading.Thread(target=serve, args=(port,), daemon=True).start()
time.sleep(86400)
`;

let image: string;
let host: Server;
let alpha: Person;
let beta: Person;

/** A notebook as somebody starts it: a Pod, a Service and a headless one. */
function notebook(namespace: string): object {
  const labels = { app: 'notebook' };
  const service = (name: string, spec: object) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: labels, ports: [{ port: 8888 }], ...spec },
  });
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'probe-notebook', namespace, labels },
        spec: {
          terminationGracePeriodSeconds: 0,
          securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'notebook',
              image,
              command: ['python3', '-c', LISTEN],
              resources: { requests: { cpu: '1m', memory: '32Mi' }, limits: { cpu: '1', memory: '256Mi' } },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            },
          ],
        },
      },
      service('notebook', {}),
      service('notebook-headless', { clusterIP: 'None' }),
    ],
  };
}

async function started(namespace: string): Promise<Probe> {
  return eventually(
    `the notebook of ${namespace}`,
    async () => {
      const pod = await get('pod', 'probe-notebook', namespace);
      const running = listAt(pod, 'status', 'containerStatuses').some((status) => at(status, 'state', 'running'));
      return running && { namespace, name: 'notebook', podLabels: {}, address: textAt(pod, 'status', 'podIP') };
    },
    { seconds: 120 },
  );
}

async function startAs(token: string, namespace: string): Promise<void> {
  await eventually(
    `somebody to start a notebook in ${namespace}`,
    async () => {
      const finished = await asPerson(token, 'apply', '-f', '-', { input: JSON.stringify(notebook(namespace)) });
      if (finished.code !== 0) throw new Error(finished.output);
      return true;
    },
    { seconds: 120, everySeconds: 2 },
  );
}

beforeAll(async () => {
  await deployPlatform();
  image = textAt(
    await get('deployment', 'mlflow', `${PLATFORM}-mlflow`),
    ...['spec', 'template', 'spec', 'containers', 0, 'image'],
  );
  await person('alpha');
  await person('beta');
  alpha = await Person.arrives('alpha');
  beta = await Person.arrives('beta');
  const [tokenAlpha, tokenBeta] = [await alpha.token('onyxia'), await beta.token('onyxia')];
  for (const user of ['alpha', 'beta']) await openSpace(user);
  for (const [index, name] of OPEN.entries()) await apply(...space(name, {}, index === 0 ? 'alpha' : 'beta'));
  await startAs(tokenAlpha, SPACES[0]);
  await startAs(tokenBeta, SPACES[1]);
  await startAs(tokenAlpha, OPEN[0]);
  await startAs(tokenBeta, OPEN[1]);
  host = createServer((socket) => socket.end()).listen(0, '0.0.0.0');
  await run('ip', ['address', 'add', `${METADATA_SERVICE}/32`, 'dev', 'lo']);
});

afterAll(async () => {
  host.close();
  await attempt('ip', ['address', 'del', `${METADATA_SERVICE}/32`, 'dev', 'lo']);
  await kubectl(['delete', 'namespace', ...OPEN, ...SPACES, '--ignore-not-found'], { timeoutSeconds: 180 });
  await removePlatform();
});

/** What happens on each way from a Pod, by the name of the way. */
async function outcomes(from: Probe, ways: Readonly<Record<string, Target>>): Promise<Record<string, Outcome>> {
  const found = await connect(from, Object.values(ways), { tries: 3, seconds: 3 });
  return Object.fromEntries(Object.keys(ways).map((name, index) => [name, found[index] ?? 'timeout']));
}

async function podAddress(namespace: string, component: string): Promise<string> {
  const [pod] = (await list('pods', '-n', namespace, '-l', `app.kubernetes.io/component=${component}`)).filter(
    (each) => at(each, 'status', 'phase') === 'Running',
  );
  return textAt(pod, 'status', 'podIP');
}

test('T16: what a Pod of somebody reaches', async () => {
  const [keycloak, vault, postgres, minio, mlflow] = await Promise.all(
    ['keycloak', 'vault', 'postgres', 'minio', 'mlflow'].map((part) => podAddress(`${PLATFORM}-${part}`, 'server')),
  );
  const inside = (address: string | undefined, port: number): Target => ({ host: address ?? '', port });
  const ways: Record<string, Target> = {
    'the metadata service of a cloud': { host: METADATA_SERVICE, port: (host.address() as AddressInfo).port },
    'a port of the node': { host: NODE_ADDRESS, port: (host.address() as AddressInfo).port },
    'the kubelet': { host: NODE_ADDRESS, port: 10250 },
    'the page of Keycloak, past the way in': inside(keycloak, 8080),
    'the management port of Keycloak': inside(keycloak, 9000),
    PostgreSQL: inside(postgres, 5432),
    'the port of Vault between its servers': inside(vault, 8201),
    'the metrics of MLflow': inside(mlflow, 9090),
    'the API of Kubernetes': { host: 'kubernetes.default.svc.cluster.local', port: 443 },
    Vault: inside(vault, 8200),
    'the object store': inside(minio, 9000),
    MLflow: inside(mlflow, 5000),
    'the public address of the object store': { host: `s3.${WEB_DOMAIN}`, port: 443 },
    'the public address of Keycloak': { host: `auth.${WEB_DOMAIN}`, port: 443 },
  };
  const holes = [
    'the API of Kubernetes',
    'Vault',
    'the object store',
    'MLflow',
    'the public address of the object store',
    'the public address of Keycloak',
  ];
  const without = await outcomes(await started(OPEN[0]), ways);
  const withGuards = await outcomes(await started(SPACES[0]), ways);
  say(`T16: ${JSON.stringify({ without, withGuards })}`);
  // The platform's own Pods are closed to everybody else, whatever the namespace; the node and the rest are not.
  expect(without).toMatchObject({
    'the metadata service of a cloud': 'open',
    'a port of the node': 'open',
    'the kubelet': 'open',
    'the API of Kubernetes': 'open',
    PostgreSQL: 'timeout',
  });
  expect(withGuards).toEqual(
    Object.fromEntries(Object.keys(ways).map((name) => [name, holes.includes(name) ? 'open' : 'timeout'])),
  );
});

test('T17: who reaches a Pod of somebody', async () => {
  const between = async (from: string, to: string): Promise<Record<string, Outcome>> => {
    const target = await started(to);
    return outcomes(await started(from), {
      'by its address': { host: target.address, port: 8888 },
      'on a port that is open elsewhere': { host: target.address, port: 5000 },
      'by its Service': { host: `notebook.${to}.svc.cluster.local`, port: 8888 },
      'by its headless Service': { host: `notebook-headless.${to}.svc.cluster.local`, port: 8888 },
    });
  };
  const all = (outcome: Outcome): object => ({
    'by its address': outcome,
    'on a port that is open elsewhere': outcome,
    'by its Service': outcome,
    'by its headless Service': outcome,
  });
  expect(await between(OPEN[1], OPEN[0])).toEqual(all('open'));
  expect(await between(SPACES[1], SPACES[0])).toEqual(all('timeout'));
  // From a namespace without guards into a space, too.
  expect(await between(OPEN[1], SPACES[0])).toEqual(all('timeout'));
  // Within a space everything answers.
  expect(await between(SPACES[0], SPACES[0])).toEqual(all('open'));
});

test('T18: what stands inside a Pod', async () => {
  const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
  const hasToken = async (namespace: string): Promise<boolean> =>
    (await exec(namespace, 'probe-notebook', ['sh', '-c', `test -e ${TOKEN} && echo there || echo none`])).trim() ===
    'there';
  expect(await hasToken(OPEN[0])).toBe(true);
  expect(await hasToken(SPACES[0])).toBe(false);

  // A service with a role has a token of its own, which may what the role says, in this space, and nothing else.
  const token = await alpha.token('onyxia');
  const role = {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'viewer', namespace: SPACES[0] } },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'viewer', namespace: SPACES[0] },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
        subjects: [{ kind: 'ServiceAccount', name: 'viewer', namespace: SPACES[0] }],
      },
    ],
  };
  expect(await asPerson(token, 'apply', '-f', '-', { input: JSON.stringify(role) })).toMatchObject({ code: 0 });
  const viewer = `system:serviceaccount:${SPACES[0]}:viewer`;
  const may = async (...what: readonly string[]): Promise<string> =>
    (await attempt('kubectl', ['auth', 'can-i', ...what, '--as', viewer])).stdout.trim();
  expect(await may('list', 'pods', '-n', SPACES[0])).toBe('yes');
  expect(await may('list', 'secrets', '-n', SPACES[0])).toBe('no');
  expect(await may('create', 'pods', '-n', SPACES[0])).toBe('no');
  expect(await may('list', 'pods', '-n', SPACES[1])).toBe('no');
  expect(await may('list', 'nodes')).toBe('no');
});

test('the guards of a space come by themselves, and come back', async () => {
  expect(await find('networkpolicy', 'default-deny', SPACES[0])).toBeDefined();
  expect(await find('resourcequota', 'platform', SPACES[0])).toBeDefined();
  await kubectl(['delete', 'networkpolicy', '-n', SPACES[0], 'default-deny']);
  await eventually(
    'the keeper to close the space again',
    async () => find('networkpolicy', 'default-deny', SPACES[0]),
    {
      seconds: 60,
    },
  );
});
