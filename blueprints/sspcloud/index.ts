import type { Blueprint } from '../blueprint';
import { composeSspcloud } from '../lazy';
import { platformRules } from '../rules';
import { catalogsHaveReaders } from '../rules/catalogs';
import { gpuQuotasFitPools, gpuServicesHavePools } from '../rules/gpu';
import { storesAreThere } from '../rules/clouds';
import {
  argoReachesTheApi,
  databasesDiffer,
  externalClientsAreKnown,
  onyxiaHasADomain,
  peopleHostsDiffer,
  peopleProjectsAreNoParts,
  quotaRolesExist,
} from '../rules/people';
import { spacesAreNoneOfThePlatform } from '../rules/space-names';
import { sspcloudSchema } from './schema';

/** The whole platform: people, their storage, secrets and projects, Onyxia, MLflow. */
export const sspcloud: Blueprint<typeof sspcloudSchema> = {
  name: 'sspcloud',
  title: 'The whole platform: one login, buckets, secrets and projects for people, Onyxia, MLflow',
  schema: sspcloudSchema,
  rules: (images) => [
    ...platformRules(images),
    storesAreThere,
    peopleProjectsAreNoParts,
    spacesAreNoneOfThePlatform,
    peopleHostsDiffer,
    onyxiaHasADomain,
    argoReachesTheApi,
    externalClientsAreKnown,
    databasesDiffer,
    quotaRolesExist,
    catalogsHaveReaders,
    gpuServicesHavePools,
    gpuQuotasFitPools,
  ],
  renamed: {
    namespacePrefix: 'people.userPrefix',
    groupNamespacePrefix: 'people.projectPrefix',
    keycloak: 'identity',
    vault: 'secrets',
    s3: 'objectStore',
    storageClass: 'cluster.storageClassName',
  },
  load: composeSspcloud,
};
