import { when } from '../functions';
import { BASE_NAME, object } from '../object';
import { definePart } from '../part';
import { value } from '../schema';

export interface KubernetesRoleProps {
  /** Whether the service has its account at first. @default false */
  readonly enabled?: boolean;
  /** What it may do in its namespace at first. @default 'view' */
  readonly role?: 'view' | 'edit' | 'admin';
  /** Name by which the office lays down its own choice. @default 'ide/role.json' */
  readonly instanceSchema?: 'ide/role.json' | 'role-spark.json';
}

/**
 * An account of the Kubernetes API for the service, in its own namespace and never beyond. Without it, no token is in the Pod: this part is
 * the only one that puts one there.
 */
export function kubernetesRole({
  enabled = false,
  role = 'view',
  instanceSchema = 'ide/role.json',
}: KubernetesRoleProps = {}) {
  return definePart(
    {
      kubernetes: value.group(
        { title: 'Kubernetes', instanceSchema },
        {
          enabled: value.flag({
            default: enabled,
            title: {
              en: 'Let the service see your namespace',
              fr: 'Permettre au service de voir votre espace',
            },
          }),
          role: value.choice(['view', 'edit', 'admin'], {
            default: role,
            title: { en: 'What it may do there', fr: 'Ce qu’il peut y faire' },
            hiddenIf: { sibling: 'enabled', is: false },
          }),
        },
      ),
    },
    ({ kubernetes }) => ({
      objects: [
        when(kubernetes.enabled, object('ServiceAccount', '', { automountServiceAccountToken: false })),
        when(
          kubernetes.enabled,
          object('RoleBinding', '', {
            roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: kubernetes.role },
            subjects: [{ kind: 'ServiceAccount', name: BASE_NAME }],
          }),
        ),
      ],
      pod: {
        serviceAccountName: when(kubernetes.enabled, BASE_NAME),
        automountServiceAccountToken: kubernetes.enabled,
      },
    }),
  );
}
