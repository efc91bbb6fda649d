import type { ObjectRule } from '../rule';

export const probes: ObjectRule = {
  id: 'probes',
  level: 'error',
  scope: 'object',
  why: 'Without a readiness probe traffic reaches a container that is not up yet; without a liveness probe one that hangs stays.',
  source: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
  fix: 'give a readinessProbe and a livenessProbe that ask the software itself',
  *check({ pod, isLongRunning }) {
    if (pod === undefined || !isLongRunning) return;
    for (const container of pod.lastingContainers) {
      for (const probe of ['readinessProbe', 'livenessProbe']) {
        const field = container.at(probe);
        if (!field.exists) yield { field: field.path, message: 'is not given' };
      }
    }
  },
};
