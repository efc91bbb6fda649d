import type { AlertRule } from '../../platform';

export const keycloakDatabaseWait: AlertRule = {
  id: 'keycloak-database-wait',
  job: 'keycloak',
  summary: '{{ $labels.component }} in {{ $labels.namespace }} waits for connections to its database.',
  why: 'Every login needs the database: what waits there soon fails.',
  expr: 'sum by (platform, namespace, component) (agroal_awaiting_count{job="keycloak",platform!=""}) > 0',
  for: '5m',
  severity: 'warning',
  runbook: 'docs/runbooks/keycloak-database-wait.md',
};
