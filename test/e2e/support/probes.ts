import { apply, at, exec, get, kubectl, listAt, textAt } from './kubectl';
import type { Endpoint } from './network-policies';
import { PROBE_LABEL } from './stack';
import { eventually } from './waiting';

/** What happened to a connection: it opened, nobody answered in time, or it was refused. */
export type Outcome = 'open' | 'timeout' | 'refused';

/** A Pod of the test's own that stands where one of the platform's would. */
export interface Probe extends Endpoint {
  readonly name: string;
  readonly address: string;
}

/** Where to connect to. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Listens on every port of its arguments: it has the answer that a policy must keep from others. */
const LISTEN = `
import socket, sys, threading
def serve(port):
    listener = socket.create_server(("", port), backlog=128)
    while True:
        listener.accept()[0].close()
for port in sys.argv[1:]:
    threading.Thread(target=serve, args=(int(port),)).start()
`;

/** Connects to all of the targets on its standard input at once, each several times when asked, and prints the outcomes. */
const CONNECT = `
import json, socket, sys, concurrent.futures
targets = json.load(sys.stdin)
def outcome(target):
    result = "timeout"
    for _ in range(target["tries"]):
        try:
            socket.create_connection((target["host"], target["port"]), timeout=target["seconds"]).close()
            return "open"
        except (TimeoutError, socket.gaierror):
            result = "timeout"
        except OSError as error:
            result = "refused" if isinstance(error, ConnectionRefusedError) else "timeout"
    return result
with concurrent.futures.ThreadPoolExecutor(max_workers=128) as pool:
    print(json.dumps(list(pool.map(outcome, targets))))
`;

/** The manifest of a probe. It never becomes ready, so that no Service sends it anyone's traffic. */
function manifest(name: string, endpoint: Endpoint, image: string, ports: readonly number[]): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: endpoint.namespace, labels: { ...endpoint.podLabels, [PROBE_LABEL]: 'true' } },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'probe',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['python3', '-c', LISTEN, ...ports.map(String)],
          readinessProbe: { exec: { command: ['false'] }, periodSeconds: 60 },
          resources: { requests: { cpu: '1m', memory: '16Mi' }, limits: { cpu: '500m', memory: '128Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
          },
        },
      ],
    },
  };
}

/**
 * Makes a probe for each endpoint and waits until all run.
 *
 * @param image any image with Python that the cluster has
 * @param ports that each of them listens on
 */
export async function makeProbes(
  endpoints: Readonly<Record<string, Endpoint>>,
  image: string,
  ports: readonly number[],
): Promise<readonly Probe[]> {
  const named = Object.entries(endpoints);
  await apply(...named.map(([name, endpoint]) => manifest(`probe-${name}`, endpoint, image, ports)));
  return Promise.all(
    named.map(async ([name, endpoint]) =>
      eventually(
        `probe ${name}`,
        async () => {
          const pod = await get('pod', `probe-${name}`, endpoint.namespace);
          const running = listAt(pod, 'status', 'containerStatuses').some((status) => at(status, 'state', 'running'));
          return running && { ...endpoint, name, address: textAt(pod, 'status', 'podIP') };
        },
        { seconds: 180, everySeconds: 1 },
      ),
    ),
  );
}

/** Removes every probe of these namespaces. */
export async function removeProbes(namespaces: readonly string[]): Promise<void> {
  await Promise.all(
    [...new Set(namespaces)].map((namespace) =>
      kubectl([
        'delete',
        'pods',
        '-n',
        namespace,
        '-l',
        PROBE_LABEL,
        '--force',
        '--grace-period=0',
        '--ignore-not-found',
      ]),
    ),
  );
}

/**
 * What happens when a probe connects to targets, all at once.
 *
 * @param patience `tries` and `seconds` for each: a closed way needs one try, an open one may need more on a busy machine
 */
export async function connect(
  probe: Probe,
  targets: readonly Target[],
  patience: { readonly tries: number; readonly seconds: number },
): Promise<readonly Outcome[]> {
  const input = JSON.stringify(targets.map(({ host, port }) => ({ host, port, ...patience })));
  const said = await exec(probe.namespace, `probe-${probe.name}`, ['python3', '-c', CONNECT], { input });
  return JSON.parse(said) as readonly Outcome[];
}

/** Addresses that a name resolves to from a probe. Empty when DNS does not answer. */
export async function resolve(probe: Probe, name: string): Promise<readonly string[]> {
  const program =
    'import json,socket,sys\nprint(json.dumps(sorted({a[4][0] for a in socket.getaddrinfo(sys.argv[1], 80)})))';
  const said = await exec(probe.namespace, `probe-${probe.name}`, ['python3', '-c', program, name]);
  return JSON.parse(said) as readonly string[];
}
