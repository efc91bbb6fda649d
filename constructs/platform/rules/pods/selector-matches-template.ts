import type { ObjectRule } from '../rule';
import { selects } from '../selector';

const SELECTING = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']);

export const selectorMatchesTemplate: ObjectRule = {
  id: 'selector-matches-template',
  level: 'error',
  scope: 'object',
  why: 'A workload whose selector misses its own Pods is refused, and a selector with a version in it can never be updated.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector',
  fix: 'use the same labels in the selector and in the template: component.selector(software, role)',
  *check({ kind, spec, pod }) {
    if (pod === undefined || !SELECTING.has(kind)) return;
    const selector = spec.at('selector');
    const empty = selector.at('matchLabels').entries().length + selector.at('matchExpressions').items().length === 0;
    if (empty) yield { field: selector.path, message: 'selects every Pod of the namespace' };
    else if (!selects(selector, pod.labels))
      yield { field: selector.path, message: 'does not match the template’s labels' };
    const version = selector.at('matchLabels', 'app.kubernetes.io/version');
    if (version.exists) yield { field: version.path, message: 'holds a version, and the API lets no selector change' };
  },
};
