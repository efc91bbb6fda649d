import type { ObjectRule } from '../rule';

export const noAccountToken: ObjectRule = {
  id: 'no-account-token',
  level: 'error',
  scope: 'object',
  why: 'A service account token in a Pod that never calls the API server only serves whoever breaks in.',
  source: 'NSA/CISA Kubernetes Hardening Guide 1.2, Protecting Pod service account tokens',
  fix: 'set automountServiceAccountToken: false; where the software calls the API server, suppress this rule and say what it calls',
  *check({ kind, root, pod }) {
    const place = kind === 'ServiceAccount' ? root : pod?.spec;
    const field = place?.at('automountServiceAccountToken');
    if (field !== undefined && field.value !== false) {
      yield { field: field.path, message: 'mounts a token for the API server' };
    }
  },
};
