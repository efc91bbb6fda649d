import type { PlatformRule } from '../rule';

const LEVELS = new Set(['restricted', 'baseline']);
const MODES = ['enforce', 'warn', 'audit'];

export const namespaceGuards: PlatformRule = {
  id: 'namespace-guards',
  level: 'error',
  scope: 'platform',
  why: 'Pod Security labels, a quota and default limits hold whatever is launched in the namespace later, by people and by software.',
  source: 'https://kubernetes.io/docs/concepts/security/multi-tenancy/#isolation',
  fix: 'make the namespace with PlatformNamespace',
  *check(platform) {
    for (const object of platform.ofKind('Namespace')) {
      for (const mode of MODES) {
        const field = object.root.at('metadata', 'labels', `pod-security.kubernetes.io/${mode}`);
        if (!LEVELS.has(field.text ?? ''))
          yield { object, field: field.path, message: `is ${field.text ?? 'not given'}` };
      }
      for (const kind of ['ResourceQuota', 'LimitRange']) {
        if (!platform.ofKind(kind).some(({ namespace }) => namespace === object.name)) {
          yield { object, field: 'metadata.name', message: `the namespace has no ${kind}` };
        }
      }
    }
  },
};
