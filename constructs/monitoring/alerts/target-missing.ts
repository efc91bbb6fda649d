import type { AlertRule } from '../../platform';
import { type TargetLabels, selectorOf } from '../labels';

/** @param targets every endpoint, of which each is watched by name: what is gone has no series to ask for */
export const targetMissing = (targets: readonly TargetLabels[]): AlertRule => ({
  id: 'target-missing',
  job: 'platform',
  summary: 'No Pod of {{ $labels.component }} in {{ $labels.namespace }} is there to be read.',
  why: 'An endpoint that is gone altogether gives no series that could be wrong, and no other rule would tell.',
  expr: targets.map((labels) => `absent(up${selectorOf(labels)})`).join(' or '),
  for: '10m',
  severity: 'critical',
  runbook: 'docs/runbooks/target-missing.md',
});
