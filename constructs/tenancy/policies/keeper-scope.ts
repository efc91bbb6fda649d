import { type AdmissionPolicy, inSpace, isFrom } from '../admission-policy';
import type { PolicyContext } from './context';

/** The keeper's account may write by name in any namespace, for spaces come and go; this keeps it inside them. */
export function keeperScope({ names, spaces }: PolicyContext): AdmissionPolicy {
  return {
    id: 'keeper-scope',
    resources: [
      { apiGroups: ['*'], resources: ['*'], operations: ['CREATE', 'UPDATE', 'DELETE'], scope: 'Namespaced' },
    ],
    conditions: [isFrom([spaces.keeper])],
    validations: [
      {
        expression: inSpace(names),
        message: `The keeper of people's spaces writes in namespaces that begin with ${names.userPrefix} or ${names.projectPrefix}, and nowhere else.`,
      },
    ],
  };
}
