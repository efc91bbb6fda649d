import type { AlertRule } from '../../platform';

export const codingServerErrors: AlertRule = {
  id: 'coding-server-errors',
  job: 'fasttext-inference',
  summary:
    'More than one in a hundred requests to {{ $labels.component }} in {{ $labels.namespace }} ends with an error of the server.',
  why: 'Who sends descriptions gets no code back.',
  expr: 'sum by (platform, namespace, component) (rate(nace_request_duration_seconds_count{status=~"5..",platform!=""}[10m])) / sum by (platform, namespace, component) (rate(nace_request_duration_seconds_count{platform!=""}[10m])) > 0.01',
  for: '5m',
  severity: 'critical',
  runbook: 'docs/runbooks/coding-server-errors.md',
};
