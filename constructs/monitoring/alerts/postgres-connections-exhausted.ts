import type { AlertRule } from '../../platform';

/** The exporter keeps one connection, by which it says that the server is up, and opens another for each reading: where that one is refused, nothing is free. */
export const postgresConnectionsExhausted: AlertRule = {
  id: 'postgres-connections-exhausted',
  job: 'postgres',
  summary: 'More than four fifths of the connections of {{ $labels.component }} in {{ $labels.namespace }} are taken.',
  why: 'When none is left, every program that opens another is refused, although the server runs.',
  expr:
    'sum by (platform, namespace, component) (pg_stat_database_numbackends{platform!=""}) / max by (platform, namespace, component) (pg_settings_max_connections{platform!=""}) > 0.8 ' +
    'or (max by (platform, namespace, component) (pg_up{platform!=""}) == 1 unless max by (platform, namespace, component) (pg_scrape_collector_success{platform!="",collector="stat_database"}))',
  for: '5m',
  severity: 'critical',
  runbook: 'docs/runbooks/postgres-connections-exhausted.md',
};
