import { encryption } from './encryption';
import { noOpenNetwork } from './no-open-network';
import { noPublicBucket } from './no-public-bucket';
import { noWildcardAction } from './no-wildcard-action';
import { privateDatabase } from './private-database';
import type { CloudRule } from './rule';

/** Every rule for resources of clouds. */
export const CLOUD_RULES: readonly CloudRule[] = [
  encryption,
  noOpenNetwork,
  noPublicBucket,
  noWildcardAction,
  privateDatabase,
];

export type { CloudResource, CloudRule } from './rule';
