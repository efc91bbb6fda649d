import { portsText, subtitle } from './dot';
import type { Graph, GraphNamespace, GraphWorkload } from './model';

/** A platform in the language of Mermaid, which GitHub and GitLab draw. */
export function toMermaid(graph: Graph): string {
  const ids = new Map<string, string>();
  const short = (id: string): string => {
    const known = ids.get(id) ?? `n${ids.size}`;
    ids.set(id, known);
    return known;
  };
  return [
    'flowchart LR',
    ...graph.namespaces.flatMap((namespace) => subgraph(namespace, short)),
    ...graph.hosts.map(({ id, host }) => `  ${short(id)}([${quoted(host)}])`),
    ...graph.outsiders.map(({ id, title }) => `  ${short(id)}>${quoted(title)}]`),
    ...graph.connections.map((connection) => {
      const { from, to } = connection;
      return `  ${short(from)} -->|${quoted(portsText(connection))}| ${short(to)}`;
    }),
    '',
  ].join('\n');
}

function subgraph({ name, workloads }: GraphNamespace, short: (id: string) => string): readonly string[] {
  return [
    `  subgraph ${short(name)} [${quoted(name)}]`,
    ...workloads.flatMap((workload) => node(workload, short)),
    '  end',
  ];
}

function node(workload: GraphWorkload, short: (id: string) => string): readonly string[] {
  const id = short(workload.id);
  return [
    `    ${id}[${quoted(`${workload.name}<br/>${subtitle(workload)}`)}]`,
    ...workload.volumes.map(
      ({ name, size }) => `    ${id} -.- ${short(`${workload.id}/${name}`)}[(${quoted(`${name} ${size}`)})]`,
    ),
  ];
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '#quot;')}"`;
}
