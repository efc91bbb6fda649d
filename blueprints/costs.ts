import { bytesOf } from '../constructs/storage/byte-quantity';
import type { KubernetesManifest } from '../constructs/platform/kubernetes';
import { compare } from '../constructs/platform/names';
import type { Synthesis } from '../constructs/platform/synthesis';

/** What is kept free for something, and what it may use at most. */
export interface Amount {
  readonly request: number;
  readonly limit: number;
}

/** What Pods need. */
export interface Needs {
  /** Thousandths of a CPU. */
  readonly cpu: Amount;
  /** Bytes. */
  readonly memory: Amount;
  /** Bytes of the node's own disk. */
  readonly localDisk: Amount;
}

/** What is the same for all that costs something: who it belongs to. */
interface Owned {
  /** Name of the component, which is that of its rendered file. */
  readonly component: string;
  readonly namespace: string;
}

/** What part of a component keeps while the platform runs. */
export interface RunningCost extends Owned {
  /** Pods, from the least to the most; they differ where their number follows the load. */
  readonly pods: { readonly least: number; readonly most: number };
  /** With the fewest Pods. */
  readonly least: Needs;
  /** With the most Pods. */
  readonly most: Needs;
  /** Bytes of volumes, with the most Pods: those of a StatefulSet stay when it has fewer. */
  readonly volumes: number;
}

/** What comes and goes. */
export interface PassingCost extends Owned {
  readonly name: string;
  /** When a CronJob starts, in UTC. @default - a Job, which runs when the platform is deployed */
  readonly schedule?: string;
  /** Pods of one run. */
  readonly pods: number;
  /** Of one run. */
  readonly needs: Needs;
}

/** What a platform costs, computed from its manifests. What the cluster itself needs is not in it, nor what people start. */
export interface PlatformCost {
  /** One row for each component and namespace, in the order of deployment. */
  readonly running: readonly RunningCost[];
  readonly total: Omit<RunningCost, keyof Owned>;
  /** CronJobs and Jobs, by component and name. */
  readonly passing: readonly PassingCost[];
}

const NO_AMOUNT: Amount = { request: 0, limit: 0 };
const NOTHING: Needs = { cpu: NO_AMOUNT, memory: NO_AMOUNT, localDisk: NO_AMOUNT };
const NO_COST: PlatformCost['total'] = { pods: { least: 0, most: 0 }, least: NOTHING, most: NOTHING, volumes: 0 };

/** The parts of manifests that are read here: what this library renders, and the schemas of Kubernetes have checked. */
interface Container {
  readonly name: string;
  /** `Always` makes an init container one that stays. */
  readonly restartPolicy?: string;
  readonly resources?: Readonly<Record<'requests' | 'limits', Readonly<Record<string, string>> | undefined>>;
}
interface PodTemplate {
  readonly spec: { readonly containers: readonly Container[]; readonly initContainers?: readonly Container[] };
}
interface Claim {
  readonly resources: { readonly requests: { readonly storage: string } };
}
interface Workload {
  readonly replicas?: number;
  readonly template: PodTemplate;
  readonly volumeClaimTemplates?: readonly { readonly spec: Claim }[];
}
interface JobSpec {
  readonly parallelism?: number;
  readonly template: PodTemplate;
}
interface CronJobSpec {
  readonly schedule: string;
  readonly jobTemplate: { readonly spec: JobSpec };
}
interface Scaler {
  readonly scaleTargetRef: { readonly kind?: string; readonly name: string };
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
  readonly minReplicaCount?: number;
  readonly maxReplicaCount?: number;
}

/**
 * What a platform costs.
 *
 * @throws Error when a container does not say what it needs, which the rules forbid
 */
export function costOf({ objects }: Synthesis): PlatformCost {
  const bounds = scalingBounds(objects.map(({ manifest }) => manifest));
  const running = new Map<string, RunningCost>();
  const passing: PassingCost[] = [];
  for (const { manifest, component } of objects) {
    const { kind, metadata } = manifest;
    const owned = { component, namespace: metadata.namespace ?? '' };
    const add = (cost: PlatformCost['total']): void => {
      const key = `${component} ${owned.namespace}`;
      running.set(key, { ...owned, ...sum(running.get(key) ?? NO_COST, cost) });
    };
    switch (kind) {
      case 'Deployment':
      case 'StatefulSet':
        add(workloadCost(manifest, bounds.get(identityOf(kind, owned.namespace, metadata.name))));
        break;
      case 'PersistentVolumeClaim':
        add({ ...NO_COST, volumes: sizeOf(manifest['spec'] as Claim) });
        break;
      case 'Job':
        passing.push({ ...owned, name: metadata.name, ...runOf(manifest['spec'] as JobSpec) });
        break;
      case 'CronJob': {
        const { schedule, jobTemplate } = manifest['spec'] as CronJobSpec;
        passing.push({ ...owned, name: metadata.name, schedule, ...runOf(jobTemplate.spec) });
        break;
      }
    }
  }
  return {
    running: [...running.values()],
    total: [...running.values()].reduce<PlatformCost['total']>(sum, NO_COST),
    passing: passing.sort((a, b) => compare(a.component, b.component) || compare(a.name, b.name)),
  };
}

/** What a platform costs while it runs, as a table in Markdown. */
export function costTable(synthesis: Synthesis): string {
  const { running, total } = costOf(synthesis);
  const components = new Map<string, PlatformCost['total']>();
  for (const cost of running) components.set(cost.component, sum(components.get(cost.component) ?? NO_COST, cost));
  return [
    '| Component | Pods | CPU kept (at most) | Memory kept (at most) | Volumes |',
    '| --- | --- | --- | --- | --- |',
    ...[...components].map(([component, cost]) => row(component, cost)),
    row('**together**', total),
  ].join('\n');
}

/** CPUs of thousandths, with two digits: `0.25`. */
export function cpus(thousandths: number): string {
  return String(Math.round(thousandths / 10) / 100);
}

/** `1.5 GiB`; `none` for nothing. */
export function gibibytes(bytes: number): string {
  return bytes === 0 ? 'none' : `${Math.round((bytes / 2 ** 30) * 100) / 100} GiB`;
}

/** `2`, or `1 to 4` where it follows the load. @param show how a number is written */
export function span(least: number, most: number, show: (value: number) => string = String): string {
  return least === most ? show(least) : `${show(least)} to ${show(most)}`;
}

function row(component: string, { pods, least, most, volumes }: PlatformCost['total']): string {
  const cpu = `${span(least.cpu.request, most.cpu.request, cpus)} (${cpus(most.cpu.limit)})`;
  const memory = `${span(least.memory.request, most.memory.request, gibibytes)} (${gibibytes(most.memory.limit)})`;
  return `| ${component} | ${span(pods.least, pods.most)} | ${cpu} | ${memory} | ${gibibytes(volumes)} |`;
}

/** How many Pods a scaled workload has, by kind, namespace and name. KEDA and the HorizontalPodAutoscaler have names of their own for it. */
function scalingBounds(manifests: readonly KubernetesManifest[]): Map<string, RunningCost['pods']> {
  const bounds = new Map<string, RunningCost['pods']>();
  for (const manifest of manifests) {
    if (manifest.kind !== 'HorizontalPodAutoscaler' && manifest.kind !== 'ScaledObject') continue;
    const { scaleTargetRef: target, ...scaler } = manifest['spec'] as Scaler;
    const least = scaler.minReplicas ?? scaler.minReplicaCount ?? (manifest.kind === 'ScaledObject' ? 0 : 1);
    const most = scaler.maxReplicas ?? scaler.maxReplicaCount ?? 100;
    const { namespace = '' } = manifest.metadata;
    bounds.set(identityOf(target.kind ?? 'Deployment', namespace, target.name), { least, most });
  }
  return bounds;
}

function workloadCost(manifest: KubernetesManifest, bounds: RunningCost['pods'] | undefined): PlatformCost['total'] {
  const { replicas = 1, template, volumeClaimTemplates = [] } = manifest['spec'] as Workload;
  const pods = bounds ?? { least: replicas, most: replicas };
  const needs = podNeeds(template);
  const volumes = volumeClaimTemplates.reduce((all, { spec }) => all + sizeOf(spec), 0);
  return { pods, least: times(needs, pods.least), most: times(needs, pods.most), volumes: pods.most * volumes };
}

function runOf({ parallelism = 1, template }: JobSpec): { pods: number; needs: Needs } {
  return { pods: parallelism, needs: times(podNeeds(template), parallelism) };
}

/**
 * What the scheduler counts for a Pod: its containers together, or the init container that needs most, whichever is more.
 * https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
 */
function podNeeds({ spec: { containers, initContainers = [] } }: PodTemplate): Needs {
  let sidecars = NOTHING;
  let peak = NOTHING;
  for (const container of initContainers) {
    const together = plus(sidecars, containerNeeds(container));
    peak = combine(peak, together, Math.max);
    if (container.restartPolicy === 'Always') sidecars = together;
  }
  return combine(peak, containers.map(containerNeeds).reduce(plus, sidecars), Math.max);
}

function containerNeeds({ name, resources }: Container): Needs {
  const read = (what: string, bound: 'requests' | 'limits', measure: (text: string) => number): number => {
    const text = resources?.[bound]?.[what];
    if (text === undefined)
      throw new Error(`container "${name}" states no ${what} among its ${bound}: the rules demand it`);
    return measure(text);
  };
  const amount = (what: string, measure: (text: string) => number): Amount => ({
    request: read(what, 'requests', measure),
    limit: read(what, 'limits', measure),
  });
  return {
    cpu: amount('cpu', thousandths),
    memory: amount('memory', (text) => bytesOf('memory', text)),
    localDisk: amount('ephemeral-storage', (text) => bytesOf('local disk', text)),
  };
}

function thousandths(cpu: string): number {
  return cpu.endsWith('m') ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000;
}

function sizeOf({ resources }: Claim): number {
  return bytesOf('volume', resources.requests.storage);
}

function identityOf(kind: string, namespace: string, name: string): string {
  return `${kind} ${namespace}/${name}`;
}

function sum(a: PlatformCost['total'], b: PlatformCost['total']): PlatformCost['total'] {
  return {
    pods: { least: a.pods.least + b.pods.least, most: a.pods.most + b.pods.most },
    least: plus(a.least, b.least),
    most: plus(a.most, b.most),
    volumes: a.volumes + b.volumes,
  };
}

function plus(a: Needs, b: Needs): Needs {
  return combine(a, b, (x, y) => x + y);
}

function times(needs: Needs, factor: number): Needs {
  return combine(needs, needs, (each) => each * factor);
}

function combine(a: Needs, b: Needs, by: (a: number, b: number) => number): Needs {
  const amount = (x: Amount, y: Amount): Amount => ({
    request: by(x.request, y.request),
    limit: by(x.limit, y.limit),
  });
  return {
    cpu: amount(a.cpu, b.cpu),
    memory: amount(a.memory, b.memory),
    localDisk: amount(a.localDisk, b.localDisk),
  };
}
