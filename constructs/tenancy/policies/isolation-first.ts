import { MANAGED_BY } from '../../platform';
import { type AdmissionPolicy, cel, inSpace, isAdministrator, labelOf } from '../admission-policy';
import type { PolicyContext } from './context';

/**
 * No Pod starts in a space before its network is closed: the default-deny is the last guard that the keeper writes, so the others are
 * there too. The API server looks the object up by itself; there is no mark that could be wrong.
 */
export function isolationFirst({ names, onyxia, spaces }: PolicyContext): AdmissionPolicy {
  const [guard] = spaces.network.guards;
  if (guard === undefined) throw new Error('spaces without a default-deny');
  return {
    id: 'isolation-first',
    // this name is all that a person reads where the object is missing: the API server has no room for a message there
    bindingId: 'space-is-being-prepared-try-again-in-a-minute',
    resources: [{ apiGroups: [''], resources: ['pods'], operations: ['CREATE'] }],
    conditions: [inSpace(names), `!(${isAdministrator(onyxia)})`],
    param: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', name: guard.name },
    validations: [
      {
        expression:
          `(${labelOf('params', 'app.kubernetes.io/managed-by')}) == ${cel(MANAGED_BY)} && ` +
          '(!has(params.spec.ingress) || params.spec.ingress.size() == 0) && (!has(params.spec.egress) || params.spec.egress.size() == 0)',
        message:
          `The network of this space is not closed yet: its NetworkPolicy ${guard.name} is not the platform's. Try again in a minute; ` +
          'if that does not help, tell the platform team.',
      },
    ],
  };
}
