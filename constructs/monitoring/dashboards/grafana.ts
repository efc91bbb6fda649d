/* eslint-disable @typescript-eslint/no-deprecated --
   Files in the newer form are read by the newest Grafana only; every Grafana reads this one. */
import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as LineBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { DashboardPanel, DashboardUnit, MetricsDashboard } from '../../platform';

/** Which source of data people choose at the top of each page. */
const SOURCE = { type: 'prometheus', uid: '${datasource}' };

/** Grafana's names of units. */
const UNITS: Readonly<Record<DashboardUnit, string>> = {
  short: 'short',
  bytes: 'bytes',
  seconds: 's',
  percentunit: 'percentunit',
  reqps: 'reqps',
  ops: 'ops',
  bool: 'bool_yes_no',
};

/** A page in the form that Grafana reads, as text: the same for the same page. */
export function grafanaJson(dashboard: MetricsDashboard): string {
  return `${JSON.stringify(grafanaDashboard(dashboard), undefined, 2)}\n`;
}

function grafanaDashboard({ uid, title, panels }: MetricsDashboard): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .tags(['bouture'])
    .refresh('1m')
    .time({ from: 'now-6h', to: 'now' })
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
  for (const panel of panels) {
    builder.withPanel(panel.kind === 'number' ? numberPanel(panel) : linePanel(panel));
  }
  return builder.build();
}

function linePanel({ title, unit, queries }: DashboardPanel): LineBuilder {
  const panel = new LineBuilder().title(title).unit(UNITS[unit]).datasource(SOURCE).min(0).height(8).span(12);
  for (const query of targets(queries)) panel.withTarget(query);
  return panel;
}

function numberPanel({ title, unit, queries }: DashboardPanel): StatBuilder {
  const panel = new StatBuilder().title(title).unit(UNITS[unit]).datasource(SOURCE).height(4).span(6);
  for (const query of targets(queries)) panel.withTarget(query.instant());
  return panel;
}

function targets(queries: DashboardPanel['queries']): DataqueryBuilder[] {
  return queries.map(({ expr, legend }, index) => {
    const query = new DataqueryBuilder()
      .refId(String.fromCodePoint(65 + index))
      .expr(expr)
      .datasource(SOURCE);
    return legend === undefined ? query : query.legendFormat(legend);
  });
}
