import type { MetricsDashboard } from '../../platform';

/** Who is connected, and how the server bears it. */
export const POSTGRES_DASHBOARD: MetricsDashboard = {
  uid: 'bouture-postgres',
  title: 'Bouture: PostgreSQL',
  panels: [
    {
      title: 'Lets people in',
      unit: 'bool',
      queries: [
        { expr: 'max by (namespace, component) (pg_up{job="postgres"})', legend: '{{namespace}} {{component}}' },
      ],
    },
    {
      title: 'Connections',
      unit: 'short',
      queries: [
        {
          expr: 'sum by (component, datname) (pg_stat_database_numbackends{job="postgres"})',
          legend: '{{component}} {{datname}}',
        },
        {
          expr: 'max by (component) (pg_settings_max_connections{job="postgres"})',
          legend: '{{component}} at most',
        },
      ],
    },
    {
      title: 'Transactions',
      unit: 'ops',
      queries: [
        {
          expr: 'sum by (datname) (rate(pg_stat_database_xact_commit{job="postgres"}[5m]))',
          legend: '{{datname}} committed',
        },
        {
          expr: 'sum by (datname) (rate(pg_stat_database_xact_rollback{job="postgres"}[5m]))',
          legend: '{{datname}} rolled back',
        },
      ],
    },
    {
      title: 'Read from memory',
      unit: 'percentunit',
      queries: [
        {
          expr: 'sum by (component) (rate(pg_stat_database_blks_hit{job="postgres"}[5m])) / (sum by (component) (rate(pg_stat_database_blks_hit{job="postgres"}[5m])) + sum by (component) (rate(pg_stat_database_blks_read{job="postgres"}[5m])))',
          legend: '{{component}}',
        },
      ],
    },
    {
      title: 'Size of each database',
      unit: 'bytes',
      queries: [{ expr: 'max by (datname) (pg_database_size_bytes{job="postgres"})', legend: '{{datname}}' }],
    },
    {
      title: 'Sorted on disk for want of memory',
      unit: 'bytes',
      queries: [
        {
          expr: 'sum by (datname) (increase(pg_stat_database_temp_bytes{job="postgres"}[5m]))',
          legend: '{{datname}}',
        },
      ],
    },
    {
      title: 'The oldest transaction is open for',
      unit: 'seconds',
      queries: [
        {
          expr: 'max by (component) (pg_long_running_transactions_oldest_timestamp_seconds{job="postgres"})',
          legend: '{{component}}',
        },
      ],
    },
    {
      title: 'Deadlocks',
      unit: 'short',
      queries: [
        {
          expr: 'sum by (datname) (increase(pg_stat_database_deadlocks{job="postgres"}[1h]))',
          legend: '{{datname}}',
        },
      ],
    },
    {
      title: 'Transaction ids in use',
      unit: 'percentunit',
      queries: [
        {
          expr: 'max by (datname) (pg_database_wraparound_age_datfrozenxid_seconds{job="postgres"}) / 2 ^ 31',
          legend: '{{datname}}',
        },
      ],
    },
  ],
};
