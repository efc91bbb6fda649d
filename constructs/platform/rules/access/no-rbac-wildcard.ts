import type { ObjectRule } from '../rule';

const ROLES = new Set(['Role', 'ClusterRole']);

export const noRbacWildcard: ObjectRule = {
  id: 'no-rbac-wildcard',
  level: 'error',
  scope: 'object',
  why: 'A star grants what exists today and whatever is installed tomorrow.',
  source: 'https://kubernetes.io/docs/concepts/security/rbac-good-practices/#least-privilege',
  fix: 'list the groups, resources and verbs that the software uses',
  *check({ kind, root }) {
    if (!ROLES.has(kind)) return;
    for (const rule of root.at('rules').items()) {
      for (const key of ['apiGroups', 'resources', 'verbs', 'nonResourceURLs']) {
        for (const item of rule.at(key).items()) {
          if (item.text === '*' || item.text?.endsWith('/*') === true)
            yield { field: item.path, message: `grants ${item.text}` };
        }
      }
    }
  },
};
