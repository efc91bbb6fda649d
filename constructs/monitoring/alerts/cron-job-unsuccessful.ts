import type { AlertRule } from '../../platform';

/** @param platform name of the installation, which begins its namespaces: kube-state-metrics tells of all namespaces */
export const cronJobUnsuccessful = (platform: string): AlertRule => ({
  id: 'cron-job-unsuccessful',
  job: 'cluster',
  summary: 'CronJob {{ $labels.cronjob }} in {{ $labels.namespace }} has not succeeded since its last start.',
  why: 'Backups, snapshots and corrections are CronJobs: one that fails each night is noticed on the day on which it is needed.',
  expr: `(kube_cronjob_status_last_schedule_time{namespace=~"${platform}-.+"} < time() - 21600) unless on (namespace, cronjob) (kube_cronjob_status_last_successful_time{namespace=~"${platform}-.+"} >= on (namespace, cronjob) kube_cronjob_status_last_schedule_time{namespace=~"${platform}-.+"})`,
  for: '10m',
  severity: 'critical',
  runbook: 'docs/runbooks/cron-job-unsuccessful.md',
});
