import type { AlertRule } from '../../platform';

export const mlflowServerErrors: AlertRule = {
  id: 'mlflow-server-errors',
  job: 'mlflow',
  summary:
    'More than one in twenty requests to {{ $labels.component }} in {{ $labels.namespace }} ends with an error of the server.',
  why: 'Training that cannot log its runs fails, and models are not found.',
  expr: 'sum by (platform, namespace, component) (rate(mlflow_http_request_total{status=~"5..",platform!=""}[10m])) / sum by (platform, namespace, component) (rate(mlflow_http_request_total{platform!=""}[10m])) > 0.05',
  for: '10m',
  severity: 'warning',
  runbook: 'docs/runbooks/mlflow-server-errors.md',
};
