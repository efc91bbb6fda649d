import { MANAGED_BY } from '../../platform';
import { type AdmissionPolicy, cel, inSpace, isAdministrator, isFrom, labelOf } from '../admission-policy';
import { PlatformAccount } from '../platform-account';
import { ONYXIA_BINDING, ONYXIA_QUOTA } from '../space-label';
import type { PolicyContext } from './context';

const LABEL = 'app.kubernetes.io/managed-by';

/** Kubernetes' own controllers and nodes: they copy labels of managed objects to what they make of them. */
const CLUSTER = [
  PlatformAccount.group('system:serviceaccounts:kube-system'),
  PlatformAccount.group('system:nodes'),
  PlatformAccount.user('system:kube-controller-manager'),
  PlatformAccount.user('system:kube-scheduler'),
];

/** The platform's guards in a space stay as they are: the ClusterRole `admin` would let people remove them. */
export function managedObjects({ names, onyxia, managers }: PolicyContext): AdmissionPolicy {
  return {
    id: 'managed-objects',
    resources: [
      { apiGroups: ['*'], resources: ['*'], operations: ['CREATE', 'UPDATE', 'DELETE'], scope: 'Namespaced' },
    ],
    conditions: [inSpace(names), `!(${isFrom([...CLUSTER, ...managers])})`, `!(${isAdministrator(onyxia)})`],
    variables: {
      managed: `(${labelOf('object', LABEL)}) == ${cel(MANAGED_BY)} || (${labelOf('oldObject', LABEL)}) == ${cel(MANAGED_BY)}`,
      onyxia: isFrom(onyxia),
      isQuota: 'request.resource.group == "" && request.resource.resource == "resourcequotas"',
      isLimit: 'request.resource.group == "" && request.resource.resource == "limitranges"',
      isMembership:
        `request.resource.group == "rbac.authorization.k8s.io" && request.resource.resource == "rolebindings" && ` +
        `request.name == ${cel(ONYXIA_BINDING)}`,
    },
    validations: [
      {
        expression: '!variables.managed',
        message:
          `This object belongs to the platform (label ${LABEL}=${MANAGED_BY}). It guards this space and its neighbours, so people cannot ` +
          'create, change or remove it. Make an object with another name and without the label, or ask the platform team.',
        messageExpression:
          '"the " + request.resource.resource + " \\"" + request.name + "\\" belongs to the platform (label ' +
          `${LABEL}=${MANAGED_BY}). It guards this space and its neighbours, so people cannot create, change or remove it. ` +
          'Make an object with another name and without the label, or ask the platform team."',
      },
      {
        expression: '!variables.isMembership || variables.onyxia',
        message:
          `The RoleBinding ${ONYXIA_BINDING} says whose space this is, so only Onyxia writes it. ` +
          'To let others work here, make a RoleBinding with another name, or ask for a project.',
      },
      {
        expression: `!(variables.isQuota || variables.isLimit) || (variables.onyxia && variables.isQuota && request.name == ${cel(ONYXIA_QUOTA)})`,
        message:
          'Quotas and limits share the cluster among all, so people cannot change them. Ask the platform team for more.',
      },
    ],
  };
}
