import { MANAGED_BY } from '../../platform';
import { type AdmissionPolicy, cel, inSpace, isAdministrator, labelOf } from '../admission-policy';
import { SEAL } from '../space-template';
import type { PolicyContext } from './context';

/**
 * No Pod starts in a space before its network is closed: the API server looks the seal up in the Pod's namespace, which is written after
 * all other guards. People cannot write it, nor the guards.
 */
export function isolationFirst({ names, onyxia }: PolicyContext): AdmissionPolicy {
  return {
    id: 'isolation-first',
    // this name is all that a person reads where the object is missing: the API server has no room for a message there
    bindingId: 'space-is-being-prepared-try-again-in-a-minute',
    resources: [{ apiGroups: [''], resources: ['pods'], operations: ['CREATE'] }],
    conditions: [inSpace(names), `!(${isAdministrator(onyxia)})`],
    param: { apiVersion: 'v1', kind: 'LimitRange', name: SEAL },
    validations: [
      {
        expression: `(${labelOf('params', 'app.kubernetes.io/managed-by')}) == ${cel(MANAGED_BY)}`,
        message:
          `This space is not ready yet: its LimitRange ${SEAL} is not the platform's. Try again in a minute; if that does not help, tell ` +
          'the platform team.',
      },
    ],
  };
}
