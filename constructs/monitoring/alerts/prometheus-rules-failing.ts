import type { AlertRule } from '../../platform';

export const prometheusRulesFailing: AlertRule = {
  id: 'prometheus-rules-failing',
  job: 'prometheus',
  summary: 'Rules of {{ $labels.component }} in {{ $labels.namespace }} cannot be evaluated.',
  why: 'A rule that cannot be evaluated never calls anybody.',
  expr: 'sum by (platform, namespace, component) (increase(prometheus_rule_evaluation_failures_total{platform!=""}[10m])) > 0',
  for: '5m',
  severity: 'critical',
  runbook: 'docs/runbooks/prometheus-rules-failing.md',
};
