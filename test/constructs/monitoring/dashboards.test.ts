import * as monitoring from '../../../constructs/monitoring';
import type { MetricsDashboard } from '../../../constructs';
import { readQuery } from '../../support/promql';
import { recordedMetrics } from '../../support/recorded-metrics';

const recorded = recordedMetrics();
const dashboards = Object.entries(monitoring)
  .filter(([name]) => name.endsWith('_DASHBOARD'))
  .map(([, dashboard]) => dashboard as MetricsDashboard)
  .map((dashboard) => [dashboard.uid, dashboard] as const);

/** Whose metrics a page shows. */
const JOBS: Readonly<Record<string, string>> = {
  'bouture-overview': 'platform',
  'bouture-cluster': 'kube-state-metrics',
  'bouture-coding': 'fasttext-inference',
};

interface Rendered {
  readonly uid: string;
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly {
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly datasource: { readonly uid: string };
    readonly targets: readonly { readonly expr: string; readonly refId: string }[];
  }[];
}

test('there is a page for each component, and an overview', () => {
  const components = ['argo-cd', 'argo-workflows', 'cluster', 'coding', 'keycloak', 'minio', 'mlflow'];
  expect(dashboards.map(([uid]) => uid).sort()).toEqual(
    [...components, 'overview', 'postgres', 'prometheus', 'vault'].map((name) => `bouture-${name}`).sort(),
  );
});

describe.each(dashboards)('the page %s', (uid, dashboard) => {
  const rendered = JSON.parse(monitoring.grafanaJson(dashboard)) as Rendered;

  test('asks in PromQL, for metrics that are exported', () => {
    const known = recorded.get(JOBS[uid] ?? uid.replace('bouture-', ''));
    for (const { queries } of dashboard.panels) {
      for (const { expr } of queries) {
        const { metrics, errors } = readQuery(expr);
        expect({ expr, errors }).toEqual({ expr, errors: [] });
        expect({ expr, unknown: metrics.filter((name) => known?.has(name) !== true) }).toEqual({ expr, unknown: [] });
      }
    }
  });

  test('is what Grafana reads: every query, the source of data that people choose, and no panel over another', () => {
    expect(rendered.uid).toBe(uid);
    expect(uid.length).toBeLessThanOrEqual(40);
    expect(rendered.templating.list).toMatchObject([{ name: 'datasource', type: 'datasource' }]);
    expect(rendered.panels.map(({ title }) => title)).toEqual(dashboard.panels.map(({ title }) => title));
    expect(rendered.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))).toEqual(
      dashboard.panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)),
    );
    expect(new Set(rendered.panels.map(({ datasource }) => datasource.uid))).toEqual(new Set(['${datasource}']));
    const cells = rendered.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });

  test('is the same text each time', () => {
    expect(monitoring.grafanaJson(dashboard)).toBe(monitoring.grafanaJson(dashboard));
  });
});
