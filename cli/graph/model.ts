import { compare, type Synthesis } from '../../constructs/platform';
import { type Field, ObjectView, PlatformView, Traffic, type Workload } from '../../constructs/platform/rules';

/** Something that runs. */
export interface GraphWorkload {
  readonly id: string;
  readonly kind: string;
  /** Without the hash of its content. */
  readonly name: string;
  /** Pods of it. @default - runs to its end: a Job or a CronJob */
  readonly replicas?: number;
  /** When it runs, of a CronJob that is not suspended. @default - none */
  readonly schedule?: string;
  /** Runs only when somebody starts it. @default false */
  readonly suspended?: boolean;
  /** Volumes that outlive it, with their sizes. */
  readonly volumes: readonly { readonly name: string; readonly size: string }[];
}

/** A namespace with what runs in it. */
export interface GraphNamespace {
  readonly name: string;
  readonly workloads: readonly GraphWorkload[];
}

/** Something outside the platform that a NetworkPolicy names: Pods of another namespace, or networks. */
interface GraphOutsider {
  readonly id: string;
  readonly title: string;
}

/** A host under which the world reaches a workload. */
interface GraphHost {
  readonly id: string;
  readonly host: string;
}

/** A connection that the NetworkPolicies let through, or a route from a host. */
export interface GraphConnection {
  readonly from: string;
  readonly to: string;
  /** Sorted; empty for every port. */
  readonly ports: readonly number[];
}

/** A platform as a picture, before it is drawn. */
export interface Graph {
  readonly platform: string;
  readonly namespaces: readonly GraphNamespace[];
  readonly outsiders: readonly GraphOutsider[];
  readonly hosts: readonly GraphHost[];
  readonly connections: readonly GraphConnection[];
}

/** The hash of its content that a name ends with. */
const CONTENT_HASH = /-[0-9a-f]{10}$/;

/** Reads the picture of a platform from its objects: nothing in it is written by hand. */
export function graphOf({ platform, objects }: Synthesis): Graph {
  const view = new PlatformView(
    objects.map(({ manifest }) => new ObjectView(manifest)),
    new Map(),
    'pilot',
  );
  const links = new Links();
  addPolicies(view, links);
  addRoutes(view, links);
  return {
    platform,
    namespaces: [...view.namespaces.keys()].sort(compare).map((name) => ({
      name,
      workloads: view
        .workloads(name)
        .map(graphWorkload)
        .sort((a, b) => compare(a.id, b.id)),
    })),
    outsiders: links.outsiders(),
    hosts: links.hosts(),
    connections: links.connections(),
  };
}

/** Collects connections, each pair of ends once. */
class Links {
  private readonly ports = new Map<string, { from: string; to: string; ports: Set<number> }>();
  private readonly titles = new Map<string, string>();
  private readonly names = new Map<string, string>();

  connect(from: string, to: string, port: number | string | undefined): void {
    const key = `${from} ${to}`;
    const link = this.ports.get(key) ?? { from, to, ports: new Set<number>() };
    if (typeof port === 'number') link.ports.add(port);
    this.ports.set(key, link);
  }

  outsider(title: string): string {
    const id = `outside/${title}`;
    this.titles.set(id, title);
    return id;
  }

  host(name: string): string {
    const id = `host/${name}`;
    this.names.set(id, name);
    return id;
  }

  outsiders(): readonly GraphOutsider[] {
    return [...this.titles].sort(([a], [b]) => compare(a, b)).map(([id, title]) => ({ id, title }));
  }

  hosts(): readonly GraphHost[] {
    return [...this.names].sort(([a], [b]) => compare(a, b)).map(([id, host]) => ({ id, host }));
  }

  connections(): readonly GraphConnection[] {
    return [...this.ports]
      .sort(([a], [b]) => compare(a, b))
      .map(([, { from, to, ports }]) => ({ from, to, ports: [...ports].sort((a, b) => a - b) }));
  }
}

function addPolicies(view: PlatformView, links: Links): void {
  const traffic = new Traffic(view);
  for (const policy of view.ofKind('NetworkPolicy')) {
    // What holds for a whole namespace, such as the way to the DNS, says nothing about one of its parts.
    if (policy.spec.at('podSelector').entries().length === 0) continue;
    for (const subject of traffic.subjects(policy)) {
      for (const direction of ['ingress', 'egress'] as const) {
        for (const { peer, port } of traffic.holes(policy, direction)) {
          const own = traffic.peerNamespaces(policy, peer).length > 0;
          if (!own) join(links, direction, idOf(subject), links.outsider(foreignTitle(peer)), port);
          for (const other of own ? traffic.peers(policy, peer) : []) {
            const callee = direction === 'egress' ? other : subject;
            if (other !== subject && answers(callee, port)) join(links, direction, idOf(subject), idOf(other), port);
          }
        }
        for (const { cidr, port } of traffic.networks(policy, direction)) {
          join(links, direction, idOf(subject), links.outsider(cidr === '0.0.0.0/0' ? 'internet' : cidr), port);
        }
      }
    }
  }
}

function join(
  links: Links,
  direction: 'ingress' | 'egress',
  subject: string,
  other: string,
  port: number | string | undefined,
): void {
  if (direction === 'egress') links.connect(subject, other, port);
  else links.connect(other, subject, port);
}

/** Whether a workload listens at a port: one policy may be about several workloads, of which only one is called. */
function answers({ pod }: Workload, port: number | string | undefined): boolean {
  const declared = pod.containers.flatMap((container) => container.at('ports').items());
  return (
    port === undefined ||
    declared.some((open) => open.at('containerPort').value === port || open.at('name').value === port)
  );
}

/** Hosts of Ingresses and routes, with the workload behind the Service that each leads to. */
function addRoutes(view: PlatformView, links: Links): void {
  for (const { namespace, spec } of view.ofKind('Ingress')) {
    for (const rule of spec.at('rules').items()) {
      for (const path of rule.at('http', 'paths').items()) {
        const service = path.at('backend', 'service');
        addRoute(view, links, namespace, rule.at('host'), service.at('name'), service.at('port', 'number'));
      }
    }
  }
  for (const { namespace, spec } of view.ofKind('HTTPRoute')) {
    for (const host of spec.at('hostnames').items()) {
      for (const backend of spec
        .at('rules')
        .items()
        .flatMap((rule) => rule.at('backendRefs').items())) {
        addRoute(view, links, namespace, host, backend.at('name'), backend.at('port'));
      }
    }
  }
}

function addRoute(
  view: PlatformView,
  links: Links,
  namespace: string | undefined,
  host: Field,
  name: Field,
  port: Field,
): void {
  const selector = view.find('Service', namespace, name.text ?? '')?.spec.at('selector').textMap;
  if (selector === undefined) return;
  for (const workload of view.workloads(namespace)) {
    if (Object.entries(selector).every(([key, value]) => workload.pod.labels[key] === value)) {
      links.connect(links.host(host.text ?? '*'), idOf(workload), port.number);
    }
  }
}

function graphWorkload(workload: Workload): GraphWorkload {
  const { kind, spec } = workload;
  const schedule = spec.at('schedule').text;
  const suspended = spec.at('suspend').value === true;
  const runs = kind === 'Job' || kind === 'CronJob';
  return {
    id: idOf(workload),
    kind,
    name: plainName(workload),
    ...(runs ? {} : { replicas: spec.at('replicas').number ?? 1 }),
    ...(schedule === undefined || suspended ? {} : { schedule }),
    ...(suspended ? { suspended } : {}),
    volumes: spec
      .at('volumeClaimTemplates')
      .items()
      .map((claim) => ({
        name: claim.at('metadata', 'name').text ?? '',
        size: claim.at('spec', 'resources', 'requests', 'storage').text ?? '',
      })),
  };
}

function idOf(workload: Workload): string {
  return `${workload.namespace ?? ''}/${workload.kind}/${plainName(workload)}`;
}

function plainName({ name }: Workload): string {
  return name.replace(CONTENT_HASH, '');
}

/** The namespace that a peer names, with the Pods where it names them. */
function foreignTitle(peer: Field): string {
  const namespace = peer.at('namespaceSelector', 'matchLabels', 'kubernetes.io/metadata.name').text;
  const labels = peer.at('podSelector', 'matchLabels').textMap;
  const pods = labels['app.kubernetes.io/name'] ?? labels['k8s-app'] ?? Object.values(labels)[0];
  return [namespace ?? 'other namespaces', pods].filter((part) => part !== undefined).join('/');
}
