import type { AlertRule } from '../../platform';

export const vaultAuditFailing: AlertRule = {
  id: 'vault-audit-failing',
  job: 'vault',
  summary: '{{ $labels.component }} in {{ $labels.namespace }} cannot write its audit log.',
  why: 'A store that cannot write down who asked refuses every request.',
  expr: 'sum by (platform, namespace, component) (increase(vault_audit_log_request_failure{platform!=""}[10m])) > 0',
  for: '1m',
  severity: 'critical',
  runbook: 'docs/runbooks/vault-audit-failing.md',
};
