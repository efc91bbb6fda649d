import type { MetricsDashboard } from '../../platform';

/** What watches the rest. */
export const PROMETHEUS_DASHBOARD: MetricsDashboard = {
  uid: 'bouture-prometheus',
  title: 'Bouture: Prometheus',
  panels: [
    {
      title: 'Series in memory',
      unit: 'short',
      queries: [{ expr: 'prometheus_tsdb_head_series{job="prometheus"}', legend: '{{instance}}' }],
    },
    {
      title: 'Values',
      unit: 'ops',
      queries: [
        { expr: 'rate(prometheus_tsdb_head_samples_appended_total{job="prometheus"}[5m])', legend: '{{type}}' },
      ],
    },
    {
      title: 'Rules that failed',
      unit: 'short',
      queries: [
        {
          expr: 'sum by (rule_group) (increase(prometheus_rule_evaluation_failures_total{job="prometheus"}[5m]))',
          legend: '{{rule_group}}',
        },
      ],
    },
    {
      title: 'On the volume',
      unit: 'bytes',
      queries: [{ expr: 'prometheus_tsdb_storage_blocks_bytes{job="prometheus"}', legend: '{{instance}}' }],
    },
  ],
};
