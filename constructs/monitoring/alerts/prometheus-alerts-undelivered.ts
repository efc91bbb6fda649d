import type { AlertRule } from '../../platform';

export const prometheusAlertsUndelivered: AlertRule = {
  id: 'prometheus-alerts-undelivered',
  job: 'prometheus',
  summary: '{{ $labels.component }} in {{ $labels.namespace }} cannot deliver alerts.',
  why: 'Alerts that reach nobody are none.',
  expr: 'sum by (platform, namespace, component) (increase(prometheus_notifications_dropped_total{platform!=""}[10m])) > 0',
  for: '5m',
  severity: 'critical',
  runbook: 'docs/runbooks/prometheus-alerts-undelivered.md',
};
