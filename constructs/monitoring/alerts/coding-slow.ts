import type { AlertRule } from '../../platform';

export const codingSlow: AlertRule = {
  id: 'coding-slow',
  job: 'fasttext-inference',
  summary:
    'One in a hundred requests to {{ $labels.component }} in {{ $labels.namespace }} takes longer than a second.',
  why: 'People who fill a form wait for the code.',
  expr: 'histogram_quantile(0.99, sum by (le, platform, namespace, component) (rate(nace_request_duration_seconds_bucket{platform!=""}[10m]))) > 1',
  for: '10m',
  severity: 'warning',
  runbook: 'docs/runbooks/coding-slow.md',
};
