import { type AdmissionPolicy, inSpace, isAdministrator } from '../admission-policy';
import type { PolicyContext } from './context';

/** Where no domain is meant for people's services, nobody makes a way in from outside: any host would be somebody else's. */
export function noExposure({ names, onyxia }: PolicyContext): AdmissionPolicy {
  return {
    id: 'no-exposure',
    resources: [
      { apiGroups: ['networking.k8s.io'], resources: ['ingresses'], operations: ['CREATE', 'UPDATE'] },
      { apiGroups: ['gateway.networking.k8s.io'], resources: ['*'], operations: ['CREATE', 'UPDATE'] },
    ],
    conditions: [inSpace(names), `!(${isAdministrator(onyxia)})`],
    validations: [
      {
        expression: 'false',
        message:
          'No domain is meant for services of people here, so any host would be one of others. Reach a service by kubectl port-forward, ' +
          'or ask the administrators of the platform for a domain (people.services of its configuration).',
      },
    ],
  };
}
