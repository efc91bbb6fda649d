import type { ObjectRule } from '../rule';

export const nonRoot: ObjectRule = {
  id: 'non-root',
  level: 'error',
  scope: 'object',
  why: 'A process that runs as root in a container is root on the node the moment it breaks out.',
  source: 'Pod Security Standards, restricted: https://kubernetes.io/docs/concepts/security/pod-security-standards/',
  fix: 'set runAsNonRoot: true and a runAsUser above 0: podSecurityContext(uid)',
  *check({ pod }) {
    if (pod === undefined) return;
    const podContext = pod.spec.at('securityContext');
    for (const context of [podContext, ...pod.containers.map((container) => container.at('securityContext'))]) {
      const user = context.at('runAsUser');
      if (user.number === 0) yield { field: user.path, message: 'runs as user 0' };
    }
    for (const container of pod.containers) {
      const own = container.at('securityContext', 'runAsNonRoot');
      const effective = own.exists ? own : podContext.at('runAsNonRoot');
      if (effective.value !== true) yield { field: own.path, message: 'may run as root' };
    }
  },
};
