import type { MetricsDashboard } from '../../platform';

/** What repositories say, and what runs. */
export const ARGO_CD_DASHBOARD: MetricsDashboard = {
  uid: 'bouture-argo-cd',
  title: 'Bouture: Argo CD',
  panels: [
    {
      title: 'Applications by state',
      unit: 'short',
      queries: [
        { expr: 'count by (sync_status) (argocd_app_info{job="argo-cd"})', legend: '{{sync_status}}' },
        { expr: 'count by (health_status) (argocd_app_info{job="argo-cd"})', legend: '{{health_status}}' },
      ],
    },
    {
      title: 'Deployments',
      unit: 'ops',
      queries: [{ expr: 'sum by (phase) (rate(argocd_app_sync_total{job="argo-cd"}[1h]))', legend: '{{phase}}' }],
    },
    {
      title: 'Asking repositories',
      unit: 'reqps',
      queries: [
        {
          expr: 'sum by (request_type) (rate(argocd_git_request_total{job="argo-cd"}[5m]))',
          legend: '{{request_type}}',
        },
      ],
    },
    {
      title: 'Comparing takes',
      unit: 'seconds',
      queries: [
        {
          expr: 'histogram_quantile(0.95, sum by (le) (rate(argocd_app_reconcile_bucket{job="argo-cd"}[5m])))',
          legend: '95 %',
        },
      ],
    },
  ],
};
