import type { AlertRule } from '../../platform';

/** A backup is one transaction for as long as it takes. The exporter gives an age in what it calls a timestamp. */
export const postgresLongTransaction: AlertRule = {
  id: 'postgres-long-transaction',
  job: 'postgres',
  summary: 'A transaction of {{ $labels.component }} in {{ $labels.namespace }} has been open for more than six hours.',
  why: 'Nothing that was deleted or changed since it began can be cleared away: tables grow and become slow, and its locks hold others up.',
  expr: 'max by (platform, namespace, component) (pg_long_running_transactions_oldest_timestamp_seconds{platform!=""}) > 6 * 3600',
  for: '5m',
  severity: 'warning',
  runbook: 'docs/runbooks/postgres-long-transaction.md',
};
