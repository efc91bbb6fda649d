import type { AlertRule } from '../../platform';

export const codingRecordsDropped: AlertRule = {
  id: 'coding-records-dropped',
  job: 'fasttext-inference',
  summary: '{{ $labels.component }} in {{ $labels.namespace }} loses records of what it coded.',
  why: 'What is not recorded is seen by no check of drift and by no annotator, and cannot be recovered.',
  expr: 'sum by (platform, namespace, component) (increase(nace_records_dropped_total{platform!=""}[10m])) > 0',
  for: '1m',
  severity: 'critical',
  runbook: 'docs/runbooks/coding-records-dropped.md',
};
