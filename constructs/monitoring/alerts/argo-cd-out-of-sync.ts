import type { AlertRule } from '../../platform';

export const argoCdOutOfSync: AlertRule = {
  id: 'argo-cd-out-of-sync',
  job: 'argo-cd',
  summary: 'Application {{ $labels.name }} has not been as its repository says for an hour.',
  why: 'What runs is not what was reviewed.',
  expr: 'max by (platform, namespace, component, name) (argocd_app_info{sync_status!="Synced",platform!=""}) == 1',
  for: '1h',
  severity: 'warning',
  runbook: 'docs/runbooks/argo-cd-out-of-sync.md',
};
