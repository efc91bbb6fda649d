import { cpus, gibibytes, type Needs, type PassingCost, type PlatformCost, span } from '../blueprints/costs';

const RUNNING = [
  'component',
  'namespace',
  'Pods',
  'CPU kept',
  'at most',
  'memory kept',
  'at most',
  'local disk',
  'volumes',
];
const PASSING = ['component', 'namespace', 'name', 'when (UTC)', 'CPU', 'at most', 'memory', 'at most', 'local disk'];

/** What a platform costs, for people: what runs, with its total, and what comes and goes. */
export function describeCost({ running, total, passing }: PlatformCost): string {
  const rows = running.map((cost) => [cost.component, cost.namespace, ...runningCells(cost)]);
  const jobs = passing.map((cost) => [cost.component, cost.namespace, cost.name, ...passingCells(cost)]);
  return [
    'While it runs:',
    '',
    ...table([RUNNING, ...rows, ['together', '', ...runningCells(total)]]),
    '',
    ...(jobs.length === 0 ? [] : ['Beside it, for as long as each lasts:', '', ...table([PASSING, ...jobs]), '']),
    'Kept is what the scheduler keeps free: nodes need that much, and what the cluster itself and what people start need beside it.',
    '',
  ].join('\n');
}

function runningCells({ pods, least, most, volumes }: PlatformCost['total']): string[] {
  return [
    span(pods.least, pods.most),
    span(least.cpu.request, most.cpu.request, cpus),
    cpus(most.cpu.limit),
    span(least.memory.request, most.memory.request, gibibytes),
    gibibytes(most.memory.limit),
    localDisk(most),
    gibibytes(volumes),
  ];
}

function passingCells({ schedule, needs }: PassingCost): string[] {
  return [
    schedule ?? 'at deployment',
    cpus(needs.cpu.request),
    cpus(needs.cpu.limit),
    gibibytes(needs.memory.request),
    gibibytes(needs.memory.limit),
    localDisk(needs),
  ];
}

function localDisk({ localDisk: { request, limit } }: Needs): string {
  return `${gibibytes(request)} (${gibibytes(limit)})`;
}

/** Cells in columns as wide as their widest. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}
