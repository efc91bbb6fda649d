import type { AlertRule } from '../../platform';

/** A server tells `0` once before it knows the name of its cluster, in a series that it keeps: the one that bears the name tells how it is. */
export const vaultSealed: AlertRule = {
  id: 'vault-sealed',
  job: 'vault',
  summary: '{{ $labels.component }} in {{ $labels.namespace }} is sealed at {{ $labels.instance }}.',
  why: 'A sealed store gives nobody a secret: services start without their passwords.',
  expr: 'max by (platform, namespace, component, instance) (vault_core_unsealed{platform!=""}) == 0',
  for: '2m',
  severity: 'critical',
  runbook: 'docs/runbooks/vault-sealed.md',
};
