import type { MetricsDashboard } from '../../platform';

/** The object store. */
export const MINIO_DASHBOARD: MetricsDashboard = {
  uid: 'bouture-minio',
  title: 'Bouture: MinIO',
  panels: [
    {
      title: 'Free',
      kind: 'number',
      unit: 'percentunit',
      queries: [
        {
          expr: 'min(minio_cluster_capacity_usable_free_bytes{job="minio"} / minio_cluster_capacity_usable_total_bytes{job="minio"})',
          legend: 'free',
        },
      ],
    },
    {
      title: 'Servers online',
      kind: 'number',
      unit: 'short',
      queries: [{ expr: 'max(minio_cluster_nodes_online_total{job="minio"})', legend: 'online' }],
    },
    {
      title: 'Drives offline',
      kind: 'number',
      unit: 'short',
      queries: [{ expr: 'max(minio_cluster_drive_offline_total{job="minio"})', legend: 'offline' }],
    },
    {
      title: 'Takes reads and writes',
      kind: 'number',
      unit: 'bool',
      queries: [{ expr: 'min(minio_cluster_health_status{job="minio"})', legend: 'healthy' }],
    },
    {
      title: 'Space',
      unit: 'bytes',
      queries: [
        {
          expr: 'max by (namespace) (minio_cluster_capacity_usable_total_bytes{job="minio"})',
          legend: '{{namespace}} all',
        },
        {
          expr: 'max by (namespace) (minio_cluster_capacity_usable_free_bytes{job="minio"})',
          legend: '{{namespace}} free',
        },
      ],
    },
    {
      title: 'Requests',
      unit: 'reqps',
      queries: [{ expr: 'sum by (api) (rate(minio_s3_requests_total{job="minio"}[5m]))', legend: '{{api}}' }],
    },
    {
      title: 'Errors',
      unit: 'reqps',
      queries: [
        { expr: 'sum by (api) (rate(minio_s3_requests_5xx_errors_total{job="minio"}[5m]))', legend: '{{api}} server' },
        { expr: 'sum by (api) (rate(minio_s3_requests_4xx_errors_total{job="minio"}[5m]))', legend: '{{api}} client' },
      ],
    },
    {
      title: 'Traffic',
      unit: 'bytes',
      queries: [
        { expr: 'sum(rate(minio_s3_traffic_received_bytes{job="minio"}[5m]))', legend: 'in' },
        { expr: 'sum(rate(minio_s3_traffic_sent_bytes{job="minio"}[5m]))', legend: 'out' },
      ],
    },
  ],
};
