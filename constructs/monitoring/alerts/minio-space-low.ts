import type { AlertRule } from '../../platform';

export const minioSpaceLow: AlertRule = {
  id: 'minio-space-low',
  job: 'minio',
  summary: 'Less than a tenth of the space of {{ $labels.component }} in {{ $labels.namespace }} is free.',
  why: 'A full store takes no artifact, no record and no backup, and deletes are slow to give space back.',
  expr: 'min by (platform, namespace, component) (minio_cluster_capacity_usable_free_bytes{platform!=""} / minio_cluster_capacity_usable_total_bytes{platform!=""}) < 0.1',
  for: '30m',
  severity: 'warning',
  runbook: 'docs/runbooks/minio-space-low.md',
};
