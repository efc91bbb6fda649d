import type { AlertRule } from '../../platform';

export const argoWorkflowsFailed: AlertRule = {
  id: 'argo-workflows-failed',
  job: 'argo-workflows',
  summary: 'Workflows of {{ $labels.component }} have ended as {{ $labels.status }}.',
  why: 'A pipeline that failed has trained, coded or copied nothing; people who wait for it do not see why.',
  expr: 'sum by (platform, namespace, component, status) (argo_workflows_gauge{status=~"Failed|Error",platform!=""}) > 0',
  for: '5m',
  severity: 'warning',
  runbook: 'docs/runbooks/argo-workflows-failed.md',
};
