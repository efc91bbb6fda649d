import type { AlertRule } from '../../platform';

export const codingRecordsWaiting: AlertRule = {
  id: 'coding-records-waiting',
  job: 'fasttext-inference',
  summary: 'The object store takes no records from {{ $labels.component }} in {{ $labels.namespace }}.',
  why: 'Records wait on the disk of the Pods, and are lost when it is full.',
  expr: 'sum by (platform, namespace, component) (increase(nace_records_upload_failures_total{platform!=""}[15m])) > 0',
  for: '30m',
  severity: 'warning',
  runbook: 'docs/runbooks/coding-records-waiting.md',
};
