import type { AlertRule } from '../../platform';

export const minioDriveOffline: AlertRule = {
  id: 'minio-drive-offline',
  job: 'minio',
  summary: 'A drive of {{ $labels.component }} in {{ $labels.namespace }} is offline.',
  why: 'Each drive that is gone takes away what the erasure code can still lose; with one drive, the store itself is gone.',
  expr: 'max by (platform, namespace, component) (minio_cluster_drive_offline_total{platform!=""}) > 0',
  for: '5m',
  severity: 'critical',
  runbook: 'docs/runbooks/minio-drive-offline.md',
};
