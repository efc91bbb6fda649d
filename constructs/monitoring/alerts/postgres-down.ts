import type { AlertRule } from '../../platform';

export const postgresDown: AlertRule = {
  id: 'postgres-down',
  job: 'postgres',
  summary: '{{ $labels.component }} in {{ $labels.namespace }} lets nobody in.',
  why: 'MLflow, Keycloak and whatever else keeps its tables there answer with errors until it is back.',
  expr: 'max by (platform, namespace, component) (pg_up{platform!=""}) == 0',
  for: '2m',
  severity: 'critical',
  runbook: 'docs/runbooks/postgres-down.md',
};
