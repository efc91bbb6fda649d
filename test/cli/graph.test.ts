import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../cli/commands/graph';
import { toDot } from '../../cli/graph/dot';
import { toMermaid } from '../../cli/graph/mermaid';
import { type Graph, graphOf } from '../../cli/graph/model';
import { type KubernetesManifest, Layer } from '../../constructs';
import { Fixture } from '../rules/fixture';
import { capture } from './capture';

const CONFIG = join(__dirname, '../../blueprints/minimal/config.yaml');

function draw(fixture: Fixture): Graph {
  const objects = fixture.input.objects.map(({ manifest }) => ({
    manifest,
    layer: Layer.PLATFORM,
    wave: 30,
    component: 'c',
    path: 'p',
  }));
  return graphOf({ platform: 'demo', objects, secrets: [], expectedSecrets: [], accesses: [] });
}

const arrows = ({ connections }: Graph) =>
  connections.map(({ from, to, ports }) => `${from} -> ${to} ${ports.join(',')}`);

const SERVER = 'demo-web/Deployment/server';
const STORE = 'demo-db/StatefulSet/store';

describe('the picture of a platform', () => {
  test('holds every namespace and workload, with its volumes and schedules', () => {
    expect(draw(new Fixture()).namespaces).toEqual([
      {
        name: 'demo-db',
        workloads: [
          { id: STORE, kind: 'StatefulSet', name: 'store', replicas: 2, volumes: [{ name: 'data', size: '' }] },
        ],
      },
      {
        name: 'demo-web',
        workloads: [
          { id: 'demo-web/CronJob/clean', kind: 'CronJob', name: 'clean', schedule: '0 3 * * *', volumes: [] },
          { id: SERVER, kind: 'Deployment', name: 'server', replicas: 2, volumes: [] },
          { id: 'demo-web/Job/migrate', kind: 'Job', name: 'migrate', volumes: [] },
        ],
      },
    ]);
  });

  test('draws a hole that both sides open as one arrow, and the hosts that lead in', () => {
    expect(arrows(draw(new Fixture()))).toEqual([
      `${SERVER} -> ${STORE} 5432`,
      `host/route.example.org -> ${SERVER} 80`,
      `host/web.example.org -> ${SERVER} 80`,
    ]);
  });

  test('loses the arrow with the hole', () => {
    const closed = new Fixture()
      .set('NetworkPolicy/server', 'spec|egress', [])
      .set('NetworkPolicy/store', 'spec|ingress', []);
    expect(arrows(draw(closed)).filter((arrow) => arrow.startsWith(SERVER))).toEqual([]);
  });

  test('names what stands outside: Pods of others, networks, the internet', () => {
    const fixture = new Fixture()
      .set('NetworkPolicy/server', 'spec|egress', [
        { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }], ports: [{ port: 443 }] },
        { to: [{ ipBlock: { cidr: '10.1.0.0/16' } }], ports: [{ port: 5432 }] },
      ])
      .set('NetworkPolicy/store', 'spec|ingress', [
        {
          from: [
            {
              namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress' } },
              podSelector: { matchLabels: { 'app.kubernetes.io/name': 'traefik' } },
            },
          ],
          ports: [{ port: 5432 }],
        },
      ]);
    const graph = draw(fixture);
    expect(graph.outsiders.map(({ title }) => title)).toEqual(['10.1.0.0/16', 'ingress/traefik', 'internet']);
    expect(arrows(graph)).toEqual(
      expect.arrayContaining([
        `${SERVER} -> outside/internet 443`,
        `${SERVER} -> outside/10.1.0.0/16 5432`,
        `outside/ingress/traefik -> ${STORE} 5432`,
      ]),
    );
  });

  test('does not change with the hash in a name', () => {
    const job = (name: string) => new Fixture().set('Job/migrate', 'metadata|name', name);
    expect(draw(job('migrate-0123456789'))).toEqual(draw(job('migrate-abcdefabcd')));
    expect(draw(job('migrate-0123456789'))).toEqual(draw(new Fixture()));
  });

  test('escapes what the languages would read as their own', () => {
    const odd: KubernetesManifest = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a<b>&"c"', namespace: 'demo-web' },
      spec: { template: { metadata: {}, spec: {} } },
    };
    const graph = draw(new Fixture().add(odd));
    expect(toDot(graph)).toContain('a&lt;b&gt;&amp;"c"</font>');
    expect(toDot(graph)).toContain('"demo-web/Deployment/a<b>&\\"c\\""');
    expect(toMermaid(graph)).toContain('["a<b>&#quot;c#quot;<br/>Deployment"]');
  });
});

describe('bouture graph', () => {
  const graph = async (format?: string) => {
    const { code, out } = await capture(run, [CONFIG], { format });
    expect(code).toBe(0);
    return out;
  };

  test('writes Mermaid unless told otherwise', async () => {
    expect(await graph()).toMatch(/^flowchart LR\n {2}subgraph n0 \["bouture-minio"\]\n/);
  });

  test('writes DOT and JSON', async () => {
    expect(await graph('dot')).toMatch(/^digraph "bouture" \{\n/);
    const { connections } = JSON.parse(await graph('json')) as Graph;
    expect(connections).toContainEqual({
      from: 'bouture-mlflow/Deployment/mlflow',
      to: 'bouture-postgres/StatefulSet/postgres',
      ports: [5432],
    });
  });

  test('draws an SVG without Graphviz and without network, the same each time', async () => {
    const svg = await graph('svg');
    expect(svg).toContain('<svg');
    expect(svg).toContain('>mlflow</text>');
    expect(await graph('svg')).toBe(svg);
  });

  test('writes to a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bouture-graph-'));
    try {
      const out = join(folder, 'new/picture.mmd');
      const result = await capture(run, [CONFIG], { out });
      expect(result).toEqual({ code: 0, out: '', err: '' });
      expect(readFileSync(out, 'utf8')).toBe(await graph());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('exits 2 on a bad configuration', async () => {
    expect((await capture(run, ['/does/not/exist.yaml'])).code).toBe(2);
  });
});

test('the picture in the README is fresh: npm run docs:graph', async () => {
  const { out } = await capture(run, [CONFIG], { format: 'svg' });
  expect(readFileSync(join(__dirname, '../../docs/images/minimal.svg'), 'utf8')).toBe(out);
});
