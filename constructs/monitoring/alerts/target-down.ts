import type { AlertRule } from '../../platform';

export const targetDown: AlertRule = {
  id: 'target-down',
  job: 'platform',
  summary: '{{ $labels.component }} in {{ $labels.namespace }} does not answer Prometheus at {{ $labels.instance }}.',
  why: 'A program that cannot tell its numbers is down, cut off, or refuses the token; until it is back, no other rule sees it.',
  expr: 'up{platform!=""} == 0',
  for: '5m',
  severity: 'critical',
  runbook: 'docs/runbooks/target-down.md',
};
