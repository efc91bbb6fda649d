import type { AlertRule } from '../../platform';

export const argoWorkflowsBehind: AlertRule = {
  id: 'argo-workflows-behind',
  job: 'argo-workflows',
  summary: '{{ $labels.component }} in {{ $labels.namespace }} has a growing queue of workflows.',
  why: 'The controller starts steps late, and schedules are missed.',
  expr: 'sum by (platform, namespace, component) (argo_workflows_queue_depth_gauge{queue_name="workflow_queue",platform!=""}) > 50',
  for: '15m',
  severity: 'warning',
  runbook: 'docs/runbooks/argo-workflows-behind.md',
};
