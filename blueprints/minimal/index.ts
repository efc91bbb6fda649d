import type { Blueprint } from '../blueprint';
import { composeMinimal } from '../lazy';
import { platformRules } from '../rules';
import { minimalSchema } from './schema';

/** An object store, a database and MLflow: the smallest platform that keeps and serves models. */
export const minimal: Blueprint<typeof minimalSchema> = {
  name: 'minimal',
  title: 'An object store, a PostgreSQL database and MLflow on one node or many',
  schema: minimalSchema,
  rules: platformRules,
  renamed: {
    namespacePrefix: 'name',
    s3: 'objectStore',
    storageClass: 'cluster.storageClassName',
  },
  load: composeMinimal,
};
