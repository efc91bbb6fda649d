import type { AlertRule } from '../../platform';

/** The exporter counts transactions in what it calls seconds. At two thousand million the server takes no write any more. */
export const postgresWraparound: AlertRule = {
  id: 'postgres-wraparound',
  job: 'postgres',
  summary:
    'Database {{ $labels.datname }} of {{ $labels.component }} in {{ $labels.namespace }} has used half of its transaction ids.',
  why: 'When they are used up, the server takes no write until the database has been vacuumed, which may take hours.',
  expr:
    'max by (platform, namespace, component, datname) (pg_database_wraparound_age_datfrozenxid_seconds{platform!=""}) > 1e9 ' +
    'or max by (platform, namespace, component, datname) (pg_database_wraparound_age_datminmxid_seconds{platform!=""}) > 1e9',
  for: '15m',
  severity: 'critical',
  runbook: 'docs/runbooks/postgres-wraparound.md',
};
