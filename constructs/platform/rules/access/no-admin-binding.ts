import type { ObjectRule } from '../rule';

const BINDINGS = new Set(['RoleBinding', 'ClusterRoleBinding']);
const ADMIN_ROLES = new Set(['cluster-admin', 'admin', 'edit']);
const EVERYONE = new Set([
  'system:anonymous',
  'system:unauthenticated',
  'system:authenticated',
  'system:serviceaccounts',
]);

export const noAdminBinding: ObjectRule = {
  id: 'no-admin-binding',
  level: 'error',
  scope: 'object',
  why: 'The administrator roles read every Secret of their scope; a program that holds one holds the platform.',
  source: 'NSA/CISA Kubernetes Hardening Guide 1.2, Role-based access control',
  fix: 'write a Role with the rights that the software uses, and bind that',
  *check({ kind, root }) {
    if (!BINDINGS.has(kind)) return;
    const role = root.at('roleRef', 'name');
    if (ADMIN_ROLES.has(role.text ?? '')) yield { field: role.path, message: `binds ${role.text ?? ''}` };
    for (const subject of root.at('subjects').items()) {
      const name = subject.at('name');
      if (EVERYONE.has(name.text ?? '')) yield { field: name.path, message: `gives the role to ${name.text ?? ''}` };
      if (name.text === 'system:masters') yield { field: name.path, message: 'system:masters passes every check' };
    }
  },
};
