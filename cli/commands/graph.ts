import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { synthesizeConfig } from '../../blueprints/load';
import { toDot } from '../graph/dot';
import { toMermaid } from '../graph/mermaid';
import { type Graph, graphOf } from '../graph/model';
import { toSvg } from '../graph/svg';
import { withProblemsTold } from '../problems';

/**
 * `bouture graph CONFIG [--format mermaid|dot|svg|json] [--out FILE]`: the platform as a picture, read from the rendered objects:
 * namespaces, workloads with their volumes, the connections that NetworkPolicies let through, the hosts that lead in.
 *
 * @returns 0 when done, 2 when the configuration cannot be used
 */
export function run(args: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number> {
  const [config = ''] = args;
  return withProblemsTold(async () => {
    const graph = graphOf(synthesizeConfig(config));
    const picture = await draw(graph, typeof options['format'] === 'string' ? options['format'] : 'mermaid');
    const out = options['out'];
    if (typeof out === 'string') {
      mkdirSync(dirname(out), { recursive: true });
      writeFileSync(out, picture);
    } else process.stdout.write(picture);
    return 0;
  });
}

async function draw(graph: Graph, format: string): Promise<string> {
  switch (format) {
    case 'json':
      return `${JSON.stringify(graph, undefined, 2)}\n`;
    case 'dot':
      return toDot(graph);
    case 'svg':
      return toSvg(toDot(graph));
    default:
      return toMermaid(graph);
  }
}
