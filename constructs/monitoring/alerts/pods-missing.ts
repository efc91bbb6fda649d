import type { AlertRule } from '../../platform';

/** @param platform name of the installation, which begins its namespaces: kube-state-metrics tells of all namespaces */
export const podsMissing = (platform: string): AlertRule => ({
  id: 'pods-missing',
  job: 'cluster',
  summary: '{{ $labels.namespace }} runs fewer Pods than it should.',
  why: 'The platform has less than it was built with: the next loss may be one too many.',
  expr: `(sum by (namespace) (kube_deployment_spec_replicas{namespace=~"${platform}-.+"}) - sum by (namespace) (kube_deployment_status_replicas_available{namespace=~"${platform}-.+"})) > 0 or (sum by (namespace) (kube_statefulset_replicas{namespace=~"${platform}-.+"}) - sum by (namespace) (kube_statefulset_status_replicas_ready{namespace=~"${platform}-.+"})) > 0`,
  for: '15m',
  severity: 'warning',
  runbook: 'docs/runbooks/pods-missing.md',
});
