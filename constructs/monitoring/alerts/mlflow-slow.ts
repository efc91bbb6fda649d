import type { AlertRule } from '../../platform';

export const mlflowSlow: AlertRule = {
  id: 'mlflow-slow',
  job: 'mlflow',
  summary:
    'One in twenty requests to {{ $labels.component }} in {{ $labels.namespace }} takes longer than five seconds.',
  why: 'Clients wait for each logged value: training becomes slow before anything fails.',
  expr: 'histogram_quantile(0.95, sum by (le, platform, namespace, component) (rate(mlflow_http_request_duration_seconds_bucket{platform!=""}[15m]))) > 5',
  for: '15m',
  severity: 'warning',
  runbook: 'docs/runbooks/mlflow-slow.md',
};
