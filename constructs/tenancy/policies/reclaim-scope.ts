import { type AdmissionPolicy, inSpace, isFrom } from '../admission-policy';
import type { PlatformAccount } from '../platform-account';
import type { PolicyContext } from './context';

/** Accounts that pause people's services may scale in any namespace, for spaces come and go; this keeps them inside spaces, and to zero. */
export function reclaimScope({ names }: PolicyContext, reclaimers: readonly PlatformAccount[]): AdmissionPolicy {
  return {
    id: 'reclaim-scope',
    resources: [
      { apiGroups: ['*'], resources: ['*/*'], operations: ['CREATE', 'UPDATE', 'DELETE'], scope: 'Namespaced' },
    ],
    conditions: [isFrom(reclaimers)],
    validations: [
      {
        expression: inSpace(names),
        message: `What takes GPUs back works in namespaces that begin with ${names.userPrefix} or ${names.projectPrefix}, and nowhere else.`,
      },
      {
        expression:
          '!has(request.subResource) || request.subResource != "scale" || ' +
          '(has(object.spec.replicas) ? object.spec.replicas : 0) == 0',
        message:
          'What takes GPUs back pauses services: it sets their replicas to zero, and to no other number. People resume them by themselves.',
      },
    ],
  };
}
