import { type AdmissionPolicy, inSpace, isAdministrator } from '../admission-policy';
import type { PolicyContext } from './context';

/** Claims of devices are for own use: access as an administrator reaches devices that others are using. */
export function devices({ names, onyxia }: PolicyContext): AdmissionPolicy {
  const asked =
    '(has(r.adminAccess) && r.adminAccess) || (has(r.exactly) && has(r.exactly.adminAccess) && r.exactly.adminAccess)';
  return {
    id: 'devices',
    resources: [
      {
        apiGroups: ['resource.k8s.io'],
        resources: ['resourceclaims', 'resourceclaimtemplates'],
        operations: ['CREATE', 'UPDATE'],
      },
    ],
    conditions: [inSpace(names), `!(${isAdministrator(onyxia)})`],
    variables: {
      claim: 'request.resource.resource == "resourceclaimtemplates" ? object.spec.spec : object.spec',
      requests:
        'has(variables.claim.devices) && has(variables.claim.devices.requests) ? variables.claim.devices.requests : []',
    },
    validations: [
      {
        expression: `variables.requests.all(r, !(${asked}))`,
        message:
          'adminAccess reaches devices that others are using, such as their GPUs. Remove adminAccess: the claim then gets a device of its own.',
      },
    ],
  };
}
