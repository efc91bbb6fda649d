import type { AlertRule } from '../../platform';

export const minioServerOffline: AlertRule = {
  id: 'minio-server-offline',
  job: 'minio',
  summary: 'A server of {{ $labels.component }} in {{ $labels.namespace }} is offline.',
  why: 'The others go on without it, and the next loss may be one too many.',
  expr: 'max by (platform, namespace, component) (minio_cluster_nodes_offline_total{platform!=""}) > 0',
  for: '5m',
  severity: 'critical',
  runbook: 'docs/runbooks/minio-server-offline.md',
};
