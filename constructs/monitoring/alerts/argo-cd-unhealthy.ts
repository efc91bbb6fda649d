import type { AlertRule } from '../../platform';

export const argoCdUnhealthy: AlertRule = {
  id: 'argo-cd-unhealthy',
  job: 'argo-cd',
  summary: 'Application {{ $labels.name }} is {{ $labels.health_status }}.',
  why: 'What was deployed last does not work.',
  expr: 'max by (platform, namespace, component, name, health_status) (argocd_app_info{health_status=~"Degraded|Missing",platform!=""}) == 1',
  for: '15m',
  severity: 'critical',
  runbook: 'docs/runbooks/argo-cd-unhealthy.md',
};
