import type { AlertRule } from '../../platform';

export const vaultSealed: AlertRule = {
  id: 'vault-sealed',
  job: 'vault',
  summary: '{{ $labels.component }} in {{ $labels.namespace }} is sealed at {{ $labels.instance }}.',
  why: 'A sealed store gives nobody a secret: services start without their passwords.',
  expr: 'vault_core_unsealed{platform!=""} == 0',
  for: '2m',
  severity: 'critical',
  runbook: 'docs/runbooks/vault-sealed.md',
};
