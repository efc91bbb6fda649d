import type { MetricsDashboard } from '../../platform';

/** Pipelines. */
export const ARGO_WORKFLOWS_DASHBOARD: MetricsDashboard = {
  uid: 'bouture-argo-workflows',
  title: 'Bouture: Argo Workflows',
  panels: [
    {
      title: 'Workflows',
      unit: 'short',
      queries: [{ expr: 'sum by (status) (argo_workflows_gauge{job="argo-workflows"})', legend: '{{status}}' }],
    },
    {
      title: 'Pods',
      unit: 'short',
      queries: [{ expr: 'sum by (phase) (argo_workflows_pods_gauge{job="argo-workflows"})', legend: '{{phase}}' }],
    },
    {
      title: 'Waiting for the controller',
      unit: 'short',
      queries: [
        {
          expr: 'sum by (queue_name) (argo_workflows_queue_depth_gauge{job="argo-workflows"})',
          legend: '{{queue_name}}',
        },
      ],
    },
    {
      title: 'Calls of the API server',
      unit: 'reqps',
      queries: [
        {
          expr: 'sum by (status_code) (rate(argo_workflows_k8s_request_total{job="argo-workflows"}[5m]))',
          legend: '{{status_code}}',
        },
      ],
    },
  ],
};
