import type { AlertRule } from '../../platform';

export const vaultWithoutLeader: AlertRule = {
  id: 'vault-without-leader',
  job: 'vault',
  summary: 'No server of {{ $labels.component }} in {{ $labels.namespace }} leads.',
  why: 'Without a leader nothing is read and nothing is written.',
  expr: 'max by (platform, namespace, component) (vault_core_active{platform!=""}) == 0',
  for: '5m',
  severity: 'critical',
  runbook: 'docs/runbooks/vault-without-leader.md',
};
