import type { Graph, GraphConnection, GraphNamespace, GraphWorkload } from './model';

const FONT = 'Helvetica,Arial,sans-serif';

/** Fill and line of each kind: chosen to be told apart by people who see few colours, and on a printed page. */
const COLOURS: Readonly<Record<string, { readonly fill: string; readonly line: string }>> = {
  Deployment: { fill: '#dbeafe', line: '#1d4ed8' },
  StatefulSet: { fill: '#fef3c7', line: '#b45309' },
  Job: { fill: '#f3f4f6', line: '#6b7280' },
  CronJob: { fill: '#f3f4f6', line: '#6b7280' },
};
const OTHER = { fill: '#ede9fe', line: '#6d28d9' };

/** A platform in the language of Graphviz. */
export function toDot(graph: Graph): string {
  const workloads = graph.namespaces.flatMap((namespace) => namespace.workloads);
  const passing = new Set(workloads.filter(({ replicas }) => replicas === undefined).map(({ id }) => id));
  return [
    `digraph ${quoted(graph.platform)} {`,
    '  rankdir=LR; newrank=true; nodesep=0.3; ranksep=1.1; pad=0.2; bgcolor=white; splines=spline;',
    `  graph [fontname="${FONT}" fontsize=12];`,
    `  node [fontname="${FONT}" fontsize=11 shape=box style="rounded,filled" penwidth=1.2 margin="0.38,0.09"];`,
    `  edge [fontname="${FONT}" fontsize=9 color="#475569" fontcolor="#475569" arrowsize=0.7];`,
    ...graph.namespaces.flatMap(cluster),
    ...graph.hosts.map(
      ({ id, host }) => `  ${quoted(id)} [label=${quoted(host)} shape=ellipse fillcolor="#dcfce7" color="#15803d"];`,
    ),
    ...graph.outsiders.map(
      ({ id, title }) =>
        `  ${quoted(id)} [label=${quoted(title)} style="rounded,dashed" color="#64748b" fontcolor="#334155"];`,
    ),
    ...graph.connections.map((connection) => edge(connection, passing)),
    '}',
    '',
  ].join('\n');
}

function cluster({ name, workloads }: GraphNamespace): readonly string[] {
  return [
    `  subgraph ${quoted(`cluster_${name}`)} {`,
    `    label=${quoted(`  ${name}`)}; labeljust=l; style="rounded,filled"; fillcolor="#f8fafc"; color="#cbd5e1"; fontcolor="#334155"; margin=14;`,
    ...workloads.flatMap(node),
    '  }',
  ];
}

function node(workload: GraphWorkload): readonly string[] {
  const { fill, line } = COLOURS[workload.kind] ?? OTHER;
  const label = `<<font point-size="12">${escaped(workload.name)}</font><br/><font point-size="9" color="#475569">${escaped(subtitle(workload))}</font>>`;
  return [
    `    ${quoted(workload.id)} [label=${label} fillcolor="${fill}" color="${line}"];`,
    ...workload.volumes.flatMap(({ name, size }) => {
      const id = quoted(`${workload.id}/${name}`);
      return [
        `    ${id} [label=${quoted(`${name}\n${size}`)} shape=cylinder style=filled fillcolor="#ffffff" color="${line}" fontsize=9];`,
        `    ${quoted(workload.id)} -> ${id} [dir=none style=dotted color="${line}"];`,
      ];
    }),
  ];
}

/** What stands under a workload's name: `StatefulSet, 3 replicas`, `CronJob, 0 2 * * *`. */
export function subtitle({ kind, replicas, schedule, suspended }: GraphWorkload): string {
  const many = replicas === undefined || replicas === 1 ? undefined : `${replicas} replicas`;
  const detail = suspended === true ? 'on request' : (schedule ?? many);
  return detail === undefined ? kind : `${kind}, ${detail}`;
}

/** The ports of a connection, for its arrow. */
export function portsText({ ports }: GraphConnection): string {
  return ports.length === 0 ? 'every port' : ports.join(', ');
}

/** An arrow; a lighter one where it starts at a Job. */
function edge(connection: GraphConnection, passing: ReadonlySet<string>): string {
  const { from, to } = connection;
  const look = passing.has(from) ? ' color="#94a3b8"' : ' penwidth=1.6';
  return `  ${quoted(from)} -> ${quoted(to)} [label=${quoted(` ${portsText(connection)} `)}${look}];`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
