import type { k8s } from '../../platform';
import { object, objectName, type ObjectMetadata, type ObjectTemplate } from '../object';

/**
 * An account of the service in its namespace, with a role of its own there.
 *
 * @param id of the account, the role and the binding
 * @param metadata of the account
 */
export function account(
  id: string,
  rules: readonly k8s.PolicyRule[],
  metadata: ObjectMetadata = {},
): readonly ObjectTemplate[] {
  const name = objectName(id);
  return [
    object('ServiceAccount', id, { automountServiceAccountToken: false }, metadata),
    object('Role', id, { rules: [...rules] }),
    object('RoleBinding', id, {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name }],
    }),
  ];
}
