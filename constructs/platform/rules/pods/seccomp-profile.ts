import type { ObjectRule } from '../rule';

const ALLOWED = new Set(['RuntimeDefault', 'Localhost']);

export const seccompProfile: ObjectRule = {
  id: 'seccomp-profile',
  level: 'error',
  scope: 'object',
  why: 'Without a seccomp profile a container may call every system call of the kernel that it shares with the node.',
  source: 'Pod Security Standards, restricted: https://kubernetes.io/docs/concepts/security/pod-security-standards/',
  fix: 'set seccompProfile: {type: RuntimeDefault}: podSecurityContext(uid)',
  *check({ pod }) {
    if (pod === undefined) return;
    const ofPod = pod.spec.at('securityContext', 'seccompProfile', 'type');
    for (const container of pod.containers) {
      const own = container.at('securityContext', 'seccompProfile', 'type');
      const effective = own.exists ? own : ofPod;
      if (!ALLOWED.has(effective.text ?? '')) {
        yield { field: effective.path, message: `seccomp profile ${effective.text ?? '(none)'}` };
      }
    }
  },
};
