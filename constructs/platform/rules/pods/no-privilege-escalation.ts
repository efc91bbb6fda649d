import type { ObjectRule } from '../rule';

export const noPrivilegeEscalation: ObjectRule = {
  id: 'no-privilege-escalation',
  level: 'error',
  scope: 'object',
  why: 'A process that may gain privileges turns any setuid program of its image into root.',
  source: 'Pod Security Standards, restricted: https://kubernetes.io/docs/concepts/security/pod-security-standards/',
  fix: 'set allowPrivilegeEscalation: false and privileged: false: containerSecurityContext()',
  *check({ pod }) {
    for (const container of pod?.containers ?? []) {
      const context = container.at('securityContext');
      const escalation = context.at('allowPrivilegeEscalation');
      if (escalation.value !== false) yield { field: escalation.path, message: 'may gain privileges' };
      const privileged = context.at('privileged');
      if (privileged.value === true) yield { field: privileged.path, message: 'is privileged: it owns the node' };
    }
  },
};
