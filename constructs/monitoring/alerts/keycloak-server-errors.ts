import type { AlertRule } from '../../platform';

export const keycloakServerErrors: AlertRule = {
  id: 'keycloak-server-errors',
  job: 'keycloak',
  summary:
    'More than one in twenty requests to {{ $labels.component }} in {{ $labels.namespace }} ends with an error of the server.',
  why: 'Who cannot log in cannot work, and tokens are not renewed.',
  expr: 'sum by (platform, namespace, component) (rate(http_server_requests_seconds_count{job="keycloak",outcome="SERVER_ERROR",platform!=""}[10m])) / sum by (platform, namespace, component) (rate(http_server_requests_seconds_count{job="keycloak",platform!=""}[10m])) > 0.05',
  for: '10m',
  severity: 'critical',
  runbook: 'docs/runbooks/keycloak-server-errors.md',
};
