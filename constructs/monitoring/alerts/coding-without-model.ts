import type { AlertRule } from '../../platform';

export const codingWithoutModel: AlertRule = {
  id: 'coding-without-model',
  job: 'fasttext-inference',
  summary: 'A replica of {{ $labels.component }} in {{ $labels.namespace }} serves no model.',
  why: 'It answers nobody, and the others carry its load.',
  expr: 'nace_requests_in_flight{platform!=""} unless on (platform, namespace, component, instance) nace_model_info{slot="main",platform!=""}',
  for: '10m',
  severity: 'critical',
  runbook: 'docs/runbooks/coding-without-model.md',
};
