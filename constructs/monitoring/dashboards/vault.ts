import type { MetricsDashboard } from '../../platform';

/** The secret store. */
export const VAULT_DASHBOARD: MetricsDashboard = {
  uid: 'bouture-vault',
  title: 'Bouture: Vault',
  panels: [
    {
      title: 'Servers unsealed',
      kind: 'number',
      unit: 'short',
      queries: [{ expr: 'sum(vault_core_unsealed{job="vault"})', legend: 'unsealed' }],
    },
    {
      title: 'Leaders',
      kind: 'number',
      unit: 'short',
      queries: [{ expr: 'sum(vault_core_active{job="vault"})', legend: 'active' }],
    },
    {
      title: 'Unsealed',
      unit: 'bool',
      queries: [{ expr: 'max by (instance) (vault_core_unsealed{job="vault"})', legend: '{{instance}}' }],
    },
    {
      title: 'Requests',
      unit: 'reqps',
      queries: [
        { expr: 'sum by (instance) (rate(vault_core_handle_request_count{job="vault"}[5m]))', legend: '{{instance}}' },
      ],
    },
    {
      title: 'Logins',
      unit: 'reqps',
      queries: [
        {
          expr: 'sum by (instance) (rate(vault_core_handle_login_request_count{job="vault"}[5m]))',
          legend: '{{instance}}',
        },
      ],
    },
    {
      title: 'Audit failures',
      unit: 'short',
      queries: [
        {
          expr: 'sum by (instance) (increase(vault_audit_log_request_failure{job="vault"}[5m]))',
          legend: '{{instance}}',
        },
      ],
    },
    {
      title: 'Memory',
      unit: 'bytes',
      queries: [{ expr: 'vault_runtime_alloc_bytes{job="vault"}', legend: '{{instance}}' }],
    },
  ],
};
