import type { AlertRule } from '../../platform';

/** @param platform name of the installation, which begins its namespaces: kube-state-metrics tells of all namespaces */
export const jobFailed = (platform: string): AlertRule => ({
  id: 'job-failed',
  job: 'cluster',
  summary: 'Job {{ $labels.job_name }} in {{ $labels.namespace }} has failed.',
  why: 'What it was to make, copy or correct is not made, copied or corrected.',
  expr: `kube_job_failed{condition="true",namespace=~"${platform}-.+"} == 1`,
  for: '1m',
  severity: 'warning',
  runbook: 'docs/runbooks/job-failed.md',
});
