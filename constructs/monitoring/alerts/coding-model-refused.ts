import type { AlertRule } from '../../platform';

export const codingModelRefused: AlertRule = {
  id: 'coding-model-refused',
  job: 'fasttext-inference',
  summary:
    '{{ $labels.component }} in {{ $labels.namespace }} cannot take the version that the registry names: {{ $labels.kind }}.',
  why: 'The old version goes on, so that nobody notices that the new one never came.',
  expr: 'sum by (platform, namespace, component, slot, kind) (increase(nace_model_failures_total{platform!=""}[15m])) > 0',
  for: '30m',
  severity: 'warning',
  runbook: 'docs/runbooks/coding-model-refused.md',
};
