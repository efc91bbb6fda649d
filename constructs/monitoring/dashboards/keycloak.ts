import type { MetricsDashboard } from '../../platform';

/** Who logs in, and how well. */
export const KEYCLOAK_DASHBOARD: MetricsDashboard = {
  uid: 'bouture-keycloak',
  title: 'Bouture: Keycloak',
  panels: [
    {
      title: 'Requests',
      unit: 'reqps',
      queries: [
        {
          expr: 'sum by (outcome) (rate(http_server_requests_seconds_count{job="keycloak"}[5m]))',
          legend: '{{outcome}}',
        },
      ],
    },
    {
      title: 'An answer takes',
      unit: 'seconds',
      queries: [
        {
          expr: 'sum by (outcome) (rate(http_server_requests_seconds_sum{job="keycloak"}[5m])) / sum by (outcome) (rate(http_server_requests_seconds_count{job="keycloak"}[5m]))',
          legend: '{{outcome}}',
        },
      ],
    },
    {
      title: 'Connections to the database',
      unit: 'short',
      queries: [
        { expr: 'sum by (instance) (agroal_active_count{job="keycloak"})', legend: '{{instance}} in use' },
        { expr: 'sum by (instance) (agroal_awaiting_count{job="keycloak"})', legend: '{{instance}} waited for' },
      ],
    },
    {
      title: 'Memory of Java',
      unit: 'bytes',
      queries: [
        { expr: 'sum by (instance, area) (jvm_memory_used_bytes{job="keycloak"})', legend: '{{instance}} {{area}}' },
      ],
    },
  ],
};
