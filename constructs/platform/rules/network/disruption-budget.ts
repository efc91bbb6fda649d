import type { Field } from '../field';
import type { PlatformRule } from '../rule';
import type { Workload } from '../view';

export const disruptionBudget: PlatformRule = {
  id: 'disruption-budget-lets-drain',
  level: 'error',
  scope: 'platform',
  why: 'A budget that never spares a Pod blocks every drain for ever: the node cannot be upgraded.',
  source: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
  fix: 'use maxUnavailable: 1 with two replicas or more, and unhealthyPodEvictionPolicy: AlwaysAllow',
  *check(platform) {
    for (const object of platform.ofKind('PodDisruptionBudget')) {
      const { spec } = object;
      const most = spec.at('maxUnavailable');
      if (most.exists && share(most, 100) === 0) yield { object, field: most.path, message: 'spares no Pod' };
      const least = spec.at('minAvailable');
      if (least.exists) {
        const replicas = platform
          .selected(object.namespace, spec.at('selector'))
          .reduce((sum, workload) => sum + replicasOf(workload), 0);
        if (replicas > 0 && share(least, replicas) >= replicas) {
          yield { object, field: least.path, message: `spares none of ${replicas} Pods` };
        }
      }
      const unhealthy = spec.at('unhealthyPodEvictionPolicy');
      if (unhealthy.text !== 'AlwaysAllow') {
        yield { object, field: unhealthy.path, message: 'a Pod that never becomes ready blocks the drain' };
      }
    }
  },
};

/** A count of Pods, or a percentage rounded up as the API does. */
function share(field: Field, of: number): number {
  const percent = /^(\d+)%$/.exec(field.text ?? '')?.[1];
  return percent === undefined ? (field.number ?? 0) : Math.ceil((Number(percent) * of) / 100);
}

function replicasOf({ kind, spec }: Workload): number {
  return kind === 'Deployment' || kind === 'StatefulSet' ? (spec.at('replicas').number ?? 1) : 0;
}
