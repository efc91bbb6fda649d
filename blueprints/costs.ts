import { bytesOf } from '../constructs/storage/byte-quantity';
import type { KubernetesManifest } from '../constructs/platform/kubernetes';
import type { Synthesis } from '../constructs/platform/synthesis';

/** What a component keeps while it runs. */
interface Cost {
  pods: number;
  /** Thousandths of a CPU that are kept for it, and that it may use. */
  cpu: Range;
  /** Bytes of memory. */
  memory: Range;
  /** Bytes of volumes. */
  disk: number;
}

interface Range {
  request: number;
  limit: number;
}

/** The parts of a workload's manifest that cost something. */
interface Workload {
  readonly replicas?: number;
  readonly template: { readonly spec: { readonly containers: readonly Container[] } };
  readonly volumeClaimTemplates?: readonly {
    readonly spec: { readonly resources: { readonly requests: { readonly storage: string } } };
  }[];
}

interface Container {
  readonly resources: Readonly<Record<'requests' | 'limits', { readonly cpu: string; readonly memory: string }>>;
}

/**
 * What a platform costs while it runs, as a table in Markdown: computed from its manifests. Jobs are left out, for they come and
 * go; so is what the cluster itself needs.
 */
export function costTable({ objects }: Synthesis): string {
  const costs = new Map<string, Cost>();
  for (const { manifest, component } of objects) {
    if (manifest.kind !== 'Deployment' && manifest.kind !== 'StatefulSet') continue;
    add(costs, component, costOf(manifest));
  }
  const rows = [...costs].map(([component, cost]) => row(component, cost));
  const total = [...costs.values()].reduce(sum, NOTHING());
  return [
    '| Component | Pods | CPU kept (at most) | Memory kept (at most) | Volumes |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    row('**together**', total),
  ].join('\n');
}

const NOTHING = (): Cost => ({
  pods: 0,
  cpu: { request: 0, limit: 0 },
  memory: { request: 0, limit: 0 },
  disk: 0,
});

function add(costs: Map<string, Cost>, component: string, cost: Cost): void {
  costs.set(component, sum(costs.get(component) ?? NOTHING(), cost));
}

function sum(a: Cost, b: Cost): Cost {
  const range = (x: Range, y: Range) => ({ request: x.request + y.request, limit: x.limit + y.limit });
  return { pods: a.pods + b.pods, cpu: range(a.cpu, b.cpu), memory: range(a.memory, b.memory), disk: a.disk + b.disk };
}

function costOf(manifest: KubernetesManifest): Cost {
  const { replicas = 1, template, volumeClaimTemplates = [] } = manifest['spec'] as Workload;
  const of = (kind: 'cpu' | 'memory', bound: 'requests' | 'limits', measure: (text: string) => number) =>
    replicas * template.spec.containers.reduce((all, { resources }) => all + measure(resources[bound][kind]), 0);
  const volumes = volumeClaimTemplates.reduce(
    (all, { spec }) => all + bytesOf('volume', spec.resources.requests.storage),
    0,
  );
  return {
    pods: replicas,
    cpu: { request: of('cpu', 'requests', thousandths), limit: of('cpu', 'limits', thousandths) },
    memory: { request: of('memory', 'requests', memoryOf), limit: of('memory', 'limits', memoryOf) },
    disk: replicas * volumes,
  };
}

function thousandths(cpu: string): number {
  return cpu.endsWith('m') ? Number(cpu.slice(0, -1)) : Number(cpu) * 1000;
}

function memoryOf(text: string): number {
  return bytesOf('memory', text);
}

function row(component: string, { pods, cpu, memory, disk }: Cost): string {
  return `| ${component} | ${pods} | ${cpus(cpu.request)} (${cpus(cpu.limit)}) | ${gibibytes(memory.request)} (${gibibytes(memory.limit)}) | ${gibibytes(disk)} |`;
}

function cpus(thousands: number): string {
  return String(Math.round(thousands / 10) / 100);
}

function gibibytes(bytes: number): string {
  return bytes === 0 ? 'none' : `${Math.round((bytes / 2 ** 30) * 100) / 100} GiB`;
}
