import { type AddressInfo, createServer, type Server } from 'node:net';
import { run } from './support/commands';
import { apply, at, get, kubectl, list, listAt, textAt } from './support/kubectl';
import { type Manifest, podTemplateOf, synthesized } from './support/manifests';
import { type Endpoint, policiesAllow, portsOfPolicies } from './support/network-policies';
import { connect, makeProbes, type Outcome, type Probe, removeProbes, resolve, type Target } from './support/probes';
import { ensureStack, NAMESPACES, PLATFORM, PROBE_LABEL } from './support/stack';
import { say } from './support/waiting';

/** A namespace that is no part of the platform and closes nothing: what its Pods cannot reach, the platform itself keeps from them. */
const FOREIGN = 'e2e-foreign';

/** Clouds serve machine credentials here. */
const METADATA_SERVICE = '169.254.169.254';

const CLOSED = { tries: 1, seconds: 3 };
const OPEN = { tries: 5, seconds: 3 };

/** Every workload as its Pods look to a policy, by its name without the hash of its content. */
function workloads(manifests: readonly Manifest[]): Record<string, Endpoint> {
  return Object.fromEntries(
    manifests.flatMap((manifest) => {
      const template = podTemplateOf(manifest);
      if (template === undefined) return [];
      const { name, namespace = '' } = manifest.metadata;
      const podLabels = at(template, 'metadata', 'labels') as Endpoint['podLabels'];
      return [[name.replace(/-[0-9a-f]{10}$/, ''), { namespace, podLabels }] as const];
    }),
  );
}

/** A connection that could be tried: from a probe to an address. */
interface Way {
  readonly from: Probe;
  readonly to: string;
  readonly target: Target;
  readonly allowed: boolean;
}

describe('traffic', () => {
  let manifests: readonly Manifest[];
  let policies: readonly Manifest[];
  let ports: readonly number[];
  let probes: readonly Probe[];
  let ways: readonly Way[];
  let host: Server;

  beforeAll(async () => {
    await ensureStack();
    manifests = await synthesized();
    policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy');
    ports = portsOfPolicies(policies).filter((port) => port >= 1024);
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: FOREIGN } });
    const others = Object.entries(NAMESPACES).map(([part, namespace]): [string, Endpoint] => [
      `other-in-${part}`,
      { namespace, podLabels: {} },
    ]);
    const endpoints: Record<string, Endpoint> = {
      ...workloads(manifests),
      ...Object.fromEntries(others),
      foreign: { namespace: FOREIGN, podLabels: {} },
    };
    const server = await get('deployment', 'mlflow', NAMESPACES.mlflow);
    const image = textAt(server, 'spec', 'template', 'spec', 'containers', 0, 'image');
    probes = await makeProbes(endpoints, image, ports);
    ways = await everyWay();
    say(
      `${probes.length} probes, ports ${ports.join(', ')}: ${ways.length} ways, ${ways.filter(({ allowed }) => allowed).length} of them holes`,
    );
    host = createServer((socket) => socket.end()).listen(0, '0.0.0.0');
  });

  afterAll(async () => {
    host.close();
    await removeProbes([...Object.values(NAMESPACES), FOREIGN]);
    await kubectl(['delete', 'namespace', FOREIGN, '--ignore-not-found', '--wait=false']);
  });

  /** From each probe to each other probe and to each Pod of the platform that runs, on each port. */
  async function everyWay(): Promise<readonly Way[]> {
    const namespaceLabels = Object.fromEntries(
      (await list('namespaces')).map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
    );
    const running = (await list('pods', '-A', '-l', `app.kubernetes.io/part-of=${PLATFORM}`))
      .filter((pod) => at(pod, 'status', 'phase') === 'Running' && pod.metadata.labels?.[PROBE_LABEL] === undefined)
      .map((pod) => ({
        name: `the Pod ${pod.metadata.name}`,
        namespace: pod.metadata.namespace ?? '',
        podLabels: pod.metadata.labels ?? {},
        address: textAt(pod, 'status', 'podIP'),
        ports: listAt(pod, 'spec', 'containers')
          .flatMap((container) => listAt(container, 'ports'))
          .map((port) => Number(at(port, 'containerPort'))),
      }));
    const targets = [...probes.map((probe) => ({ ...probe, ports })), ...running];
    return probes.flatMap((from) =>
      targets
        .filter((to) => to.name !== from.name)
        .flatMap((to) =>
          to.ports.map((port) => ({
            from,
            to: to.name,
            target: { host: to.address, port },
            allowed: policiesAllow(policies, namespaceLabels, from, to, port),
          })),
        ),
    );
  }

  /** Tries ways, those of one probe at once, and gives the ones that did not end as they should. */
  async function wrong(tried: readonly Way[], wanted: Outcome, patience: typeof OPEN): Promise<readonly string[]> {
    const found: string[] = [];
    for (const from of new Set(tried.map((way) => way.from))) {
      const own = tried.filter((way) => way.from === from);
      const outcomes = await connect(
        from,
        own.map(({ target }) => target),
        patience,
      );
      own.forEach(({ to, target }, index) => {
        const outcome = outcomes[index];
        if (outcome !== wanted) found.push(`${from.name} -> ${to}:${target.port}: ${String(outcome)}, not ${wanted}`);
      });
    }
    return found;
  }

  test('has exactly the holes that the constructs open for each other', () => {
    const roles = new Set(probes.map(({ name }) => name));
    const holes = ways
      .filter(({ allowed, to }) => allowed && roles.has(to))
      .map(({ from, to, target }) => `${from.name} -> ${to}:${target.port}`);
    expect([...new Set(holes)].sort()).toMatchInlineSnapshot(`
      [
        "minio-provisioning -> minio:9000",
        "mlflow -> minio:9000",
        "mlflow -> mlflow-gc:5000",
        "mlflow -> mlflow-migrate:5000",
        "mlflow -> postgres:5432",
        "mlflow-gc -> minio:9000",
        "mlflow-gc -> mlflow-migrate:5000",
        "mlflow-gc -> mlflow:5000",
        "mlflow-gc -> postgres:5432",
        "mlflow-migrate -> minio:9000",
        "mlflow-migrate -> mlflow-gc:5000",
        "mlflow-migrate -> mlflow:5000",
        "mlflow-migrate -> postgres:5432",
        "postgres-backup -> minio:9000",
        "postgres-backup -> postgres:5432",
        "postgres-provisioning -> postgres:5432",
        "postgres-restore -> minio:9000",
        "postgres-restore -> postgres:5432",
      ]
    `);
  });

  test('passes through each hole', async () => {
    expect(
      await wrong(
        ways.filter(({ allowed }) => allowed),
        'open',
        OPEN,
      ),
    ).toEqual([]);
  });

  test('times out on every other pair of Pods and ports', async () => {
    const closed = ways.filter(({ allowed }) => !allowed);
    expect(closed.length).toBeGreaterThan(100);
    expect(await wrong(closed, 'timeout', CLOSED)).toEqual([]);
  });

  test('resolves names from everywhere', async () => {
    const answers = await Promise.all(probes.map((probe) => resolve(probe, 'kubernetes.default.svc.cluster.local')));
    const api = textAt(await get('service', 'kubernetes', 'default'), 'spec', 'clusterIP');
    expect(answers).toEqual(probes.map(() => [api]));
  });

  describe('out of the platform', () => {
    const inside = () => probes.filter(({ namespace }) => namespace !== FOREIGN);
    const foreign = () => probes.filter(({ namespace }) => namespace === FOREIGN);
    const to = (from: readonly Probe[], name: string, target: Target): Way[] =>
      from.map((probe) => ({ from: probe, to: name, target, allowed: false }));

    async function nodeAddress(): Promise<string> {
      const [node] = await list('nodes');
      const addresses = listAt(node, 'status', 'addresses');
      return textAt(
        addresses.find((address) => at(address, 'type') === 'InternalIP'),
        'address',
      );
    }

    test('does not reach the API server, where a Pod of another namespace does', async () => {
      const api = { host: textAt(await get('service', 'kubernetes', 'default'), 'spec', 'clusterIP'), port: 443 };
      expect(await wrong(to(foreign(), 'the API server', api), 'open', OPEN)).toEqual([]);
      expect(await wrong(to(inside(), 'the API server', api), 'timeout', CLOSED)).toEqual([]);
    });

    test('does not reach a port of the node, where a Pod of another namespace does', async () => {
      const target = { host: await nodeAddress(), port: (host.address() as AddressInfo).port };
      expect(await wrong(to(foreign(), 'the node', target), 'open', OPEN)).toEqual([]);
      expect(await wrong(to(inside(), 'the node', target), 'timeout', CLOSED)).toEqual([]);
    });

    test('does not reach the address that clouds serve credentials from, where a Pod of another namespace does', async () => {
      const target = { host: METADATA_SERVICE, port: (host.address() as AddressInfo).port };
      await run('ip', ['address', 'add', `${METADATA_SERVICE}/32`, 'dev', 'lo']);
      try {
        expect(await wrong(to(foreign(), 'the metadata service', target), 'open', OPEN)).toEqual([]);
        expect(await wrong(to(inside(), 'the metadata service', target), 'timeout', CLOSED)).toEqual([]);
      } finally {
        await run('ip', ['address', 'del', `${METADATA_SERVICE}/32`, 'dev', 'lo']);
      }
    });
  });
});
