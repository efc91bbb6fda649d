import type { ObjectRule } from '../rule';

/** The one capability that the standard lets a container add. */
const ALLOWED = 'NET_BIND_SERVICE';

export const dropCapabilities: ObjectRule = {
  id: 'drop-capabilities',
  level: 'error',
  scope: 'object',
  why: 'Capabilities are pieces of root: the default set lets a process change owners, send raw packets and more.',
  source: 'Pod Security Standards, restricted: https://kubernetes.io/docs/concepts/security/pod-security-standards/',
  fix: "set capabilities: {drop: ['ALL']}: containerSecurityContext()",
  *check({ pod }) {
    for (const container of pod?.containers ?? []) {
      const capabilities = container.at('securityContext', 'capabilities');
      const dropped = capabilities.at('drop').items();
      if (!dropped.some(({ text }) => text === 'ALL')) {
        yield { field: capabilities.at('drop').path, message: 'keeps capabilities: ALL is not among those dropped' };
      }
      for (const added of capabilities.at('add').items()) {
        if (added.text !== ALLOWED)
          yield { field: added.path, message: `adds the capability ${added.text ?? '(none)'}` };
      }
    }
  },
};
