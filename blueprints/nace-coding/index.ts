import type { Blueprint } from '../blueprint';
import { composeNaceCoding } from '../lazy';
import { platformRules } from '../rules';
import { storesAreThere } from '../rules/clouds';
import {
  callersGetOneNomenclature,
  canaryHasAGateway,
  promotionChangesAVersion,
  revisedDescriptionsAreKept,
} from '../rules/coding';
import { argoCdTrustsBoth, loginHasAWay, loginIsTheOnlyWay, workflowsHaveAHost } from '../rules/login';
import { databasesDiffer, externalClientsAreKnown } from '../rules/people';
import { naceCodingSchema } from './schema';

/** The running case: descriptions of activities coded by a model that is trained, served, watched, annotated and trained anew. */
export const naceCoding: Blueprint<typeof naceCodingSchema> = {
  name: 'nace-coding',
  title:
    'Coding of activity descriptions: training, service, monitoring, annotation and retraining on the smallest platform',
  schema: naceCodingSchema,
  rules: (images) => [
    ...platformRules(images),
    storesAreThere,
    canaryHasAGateway,
    promotionChangesAVersion,
    callersGetOneNomenclature,
    revisedDescriptionsAreKept,
    loginHasAWay,
    loginIsTheOnlyWay,
    workflowsHaveAHost,
    argoCdTrustsBoth,
    externalClientsAreKnown,
    databasesDiffer,
  ],
  renamed: {
    namespacePrefix: 'name',
    s3: 'objectStore',
    storageClass: 'cluster.storageClassName',
  },
  load: composeNaceCoding,
};
