import type { AlertRule } from '../../platform';

export const minioServerErrors: AlertRule = {
  id: 'minio-server-errors',
  job: 'minio',
  summary:
    'More than one in twenty requests to {{ $labels.component }} in {{ $labels.namespace }} ends with an error of the server.',
  why: 'Programs try again, so that people see slowness first; what is not tried again is lost.',
  expr: 'sum by (platform, namespace, component) (rate(minio_s3_requests_5xx_errors_total{platform!=""}[10m])) / sum by (platform, namespace, component) (rate(minio_s3_requests_total{platform!=""}[10m])) > 0.05',
  for: '10m',
  severity: 'warning',
  runbook: 'docs/runbooks/minio-server-errors.md',
};
