import { type AdmissionPolicy, inSpace, isAdministrator } from '../admission-policy';
import type { PolicyContext } from './context';

/** A claim gets a new volume, and never chooses one that somebody else has left behind. */
export function volumes({ names, onyxia }: PolicyContext): AdmissionPolicy {
  const chosen = 'has(object.spec.volumeName) && object.spec.volumeName != ""';
  return {
    id: 'volumes',
    resources: [{ apiGroups: [''], resources: ['persistentvolumeclaims'], operations: ['CREATE', 'UPDATE'] }],
    conditions: [
      inSpace(names),
      // the controller that binds claims to volumes writes the volume's name
      '!(request.operation == "UPDATE" && (request.userInfo.username == "system:kube-controller-manager" || ' +
        '"system:serviceaccounts:kube-system" in request.userInfo.groups))',
      `!(${isAdministrator(onyxia)})`,
    ],
    variables: { had: 'oldObject != null && has(oldObject.spec.volumeName) ? oldObject.spec.volumeName : ""' },
    validations: [
      {
        expression: `!(${chosen}) || object.spec.volumeName == variables.had`,
        message:
          'A claim that names its volume (spec.volumeName) could take the data of others. Leave it out: a new volume is made. ' +
          'To get data of an old volume back, ask the platform team.',
      },
      {
        expression: 'oldObject != null || !has(object.spec.selector)',
        message:
          'A claim that selects volumes by label (spec.selector) could take the data of others. Leave it out: a new volume is made.',
      },
      {
        expression: 'oldObject != null || !has(object.spec.storageClassName) || object.spec.storageClassName != ""',
        message:
          'An empty storageClassName asks for a volume that somebody made by hand, perhaps for others. Leave the field out, or name a class.',
      },
    ],
  };
}
