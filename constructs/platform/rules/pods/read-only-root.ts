import type { ObjectRule } from '../rule';

export const readOnlyRoot: ObjectRule = {
  id: 'read-only-root',
  level: 'error',
  scope: 'object',
  why: 'Whoever breaks into a container cannot leave a program behind where the file system is read-only.',
  source: 'NSA/CISA Kubernetes Hardening Guide 1.2, Immutable container file systems',
  fix: 'set readOnlyRootFilesystem: true, and mount an emptyDir where the software writes',
  *check({ pod }) {
    for (const container of pod?.containers ?? []) {
      const field = container.at('securityContext', 'readOnlyRootFilesystem');
      if (field.value !== true) yield { field: field.path, message: 'can write to its own root file system' };
    }
  },
};
