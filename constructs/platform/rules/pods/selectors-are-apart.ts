import type { PlatformRule } from '../rule';
import { selects } from '../selector';

const SELECTING = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']);

export const selectorsAreApart: PlatformRule = {
  id: 'selectors-are-apart',
  level: 'error',
  scope: 'platform',
  why: 'Two workloads that select each other’s Pods fight over them, and their NetworkPolicies and Services mix.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector',
  fix: 'give each workload a role of its own: component.selector(software, role)',
  *check(platform) {
    for (const object of platform.objects) {
      if (!SELECTING.has(object.kind)) continue;
      const selector = object.spec.at('selector');
      for (const other of platform.workloads(object.namespace)) {
        if (other !== object && selects(selector, other.pod.labels)) {
          yield { object, field: selector.path, message: `also selects the Pods of ${other.title}` };
        }
      }
    }
  },
};
