import type { MetricsDashboard } from '../../platform';

/** Every part of the platform at one look. */
export const OVERVIEW_DASHBOARD: MetricsDashboard = {
  uid: 'bouture-overview',
  title: 'Bouture: overview',
  panels: [
    {
      title: 'Endpoints that answer',
      kind: 'number',
      unit: 'short',
      queries: [{ expr: 'count(up{platform!=""} == 1)', legend: 'up' }],
    },
    {
      title: 'Endpoints that do not',
      kind: 'number',
      unit: 'short',
      queries: [{ expr: 'count(up{platform!=""} == 0) or vector(0)', legend: 'down' }],
    },
    {
      title: 'Alerts that call somebody',
      kind: 'number',
      unit: 'short',
      queries: [{ expr: 'count(ALERTS{alertstate="firing"}) or vector(0)', legend: 'firing' }],
    },
    {
      title: 'Series',
      kind: 'number',
      unit: 'short',
      queries: [{ expr: 'sum(scrape_samples_scraped{platform!=""})', legend: 'series' }],
    },
    {
      title: 'Answers',
      unit: 'bool',
      queries: [{ expr: 'min by (component, namespace) (up{platform!=""})', legend: '{{namespace}} {{component}}' }],
    },
    {
      title: 'Alerts',
      unit: 'short',
      queries: [
        { expr: 'count by (alertname, severity) (ALERTS{alertstate="firing"})', legend: '{{alertname}} {{severity}}' },
      ],
    },
    {
      title: 'How long reading takes',
      unit: 'seconds',
      queries: [
        {
          expr: 'max by (component, namespace) (scrape_duration_seconds{platform!=""})',
          legend: '{{namespace}} {{component}}',
        },
      ],
    },
    {
      title: 'CPU',
      unit: 'short',
      queries: [
        {
          expr: 'sum by (component, namespace) (rate(process_cpu_seconds_total{platform!=""}[5m]))',
          legend: '{{namespace}} {{component}}',
        },
      ],
    },
    {
      title: 'Memory',
      unit: 'bytes',
      queries: [
        {
          expr: 'sum by (component, namespace) (process_resident_memory_bytes{platform!=""})',
          legend: '{{namespace}} {{component}}',
        },
      ],
    },
  ],
};
