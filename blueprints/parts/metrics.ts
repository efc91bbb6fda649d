import type { z } from 'zod';
import { type MetricsComponent, PrometheusOperatorMetrics, PrometheusServer } from '../../constructs/monitoring';
import { isMonitored, type Platform } from '../../constructs/platform';
import type { metrics } from '../sections/metrics';

type Section = z.output<typeof metrics>;

/**
 * Who watches the platform of a section: every component that stands in it by now and has metrics declares them. Called last.
 */
export function makeMetrics(platform: Platform, section: Section | undefined): void {
  if (section === undefined) return;
  const metrics = makeWatcher(platform, section);
  for (const construct of platform.node.findAll()) if (isMonitored(construct)) construct.monitorVia(metrics);
}

/** @throws Error when the section names nobody */
function makeWatcher(platform: Platform, section: Section): MetricsComponent {
  const { prometheus, operator, runbooksUrl, dashboardLabels } = section;
  const common = {
    ...(runbooksUrl === undefined ? {} : { runbooksUrl: runbooksUrl.replace(/\/$/, '') }),
    ...(dashboardLabels === undefined ? {} : { dashboardLabels }),
  };
  if (operator !== undefined) return new PrometheusOperatorMetrics(platform, 'metrics', { ...common, ...operator });
  if (prometheus !== undefined) return new PrometheusServer(platform, 'metrics', { ...common, ...prometheus });
  throw new Error('the section metrics names nobody who watches');
}
