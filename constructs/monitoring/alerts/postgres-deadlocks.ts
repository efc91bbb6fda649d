import type { AlertRule } from '../../platform';

export const postgresDeadlocks: AlertRule = {
  id: 'postgres-deadlocks',
  job: 'postgres',
  summary:
    'Transactions of database {{ $labels.datname }} of {{ $labels.component }} in {{ $labels.namespace }} lock each other out.',
  why: 'The server ends one of each two, whose work is lost unless its program tries again.',
  expr: 'sum by (platform, namespace, component, datname) (increase(pg_stat_database_deadlocks{platform!=""}[1h])) > 5',
  for: '5m',
  severity: 'warning',
  runbook: 'docs/runbooks/postgres-deadlocks.md',
};
