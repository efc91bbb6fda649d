import type { MetricsDashboard } from '../../platform';

/** What kube-state-metrics tells of the namespaces of the platform. */
export const CLUSTER_DASHBOARD: MetricsDashboard = {
  uid: 'bouture-cluster',
  title: 'Bouture: Jobs and Pods',
  panels: [
    {
      title: 'Pods by phase',
      unit: 'short',
      queries: [{ expr: 'sum by (phase) (kube_pod_status_phase)', legend: '{{phase}}' }],
    },
    {
      title: 'Restarts in an hour',
      unit: 'short',
      queries: [
        {
          expr: 'sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total[1h])) > 0',
          legend: '{{namespace}} {{pod}}',
        },
      ],
    },
    {
      title: 'Jobs that failed',
      unit: 'short',
      queries: [{ expr: 'sum by (namespace) (kube_job_failed{condition="true"})', legend: '{{namespace}}' }],
    },
    {
      title: 'Since a CronJob last succeeded',
      unit: 'seconds',
      queries: [
        {
          expr: 'time() - max by (namespace, cronjob) (kube_cronjob_status_last_successful_time)',
          legend: '{{namespace}} {{cronjob}}',
        },
      ],
    },
  ],
};
