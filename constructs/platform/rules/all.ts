import { noAdminBinding } from './access/no-admin-binding';
import { noPlainSecret } from './access/no-plain-secret';
import { noRbacEscalation } from './access/no-rbac-escalation';
import { noRbacWildcard } from './access/no-rbac-wildcard';
import { noSecretInFiles } from './access/no-secret-in-files';
import { imageDigest } from './images/image-digest';
import { noLatestTag } from './images/no-latest-tag';
import { noVanishedImage } from './images/no-vanished-image';
import { pullPolicy } from './images/pull-policy';
import { clusterIpServices } from './network/cluster-ip-services';
import { defaultDeny } from './network/default-deny';
import { disruptionBudget } from './network/disruption-budget';
import { encryptedExposure } from './network/encrypted-exposure';
import { holesHaveTwins } from './network/holes-have-twins';
import { holesLeadSomewhere } from './network/holes-lead-somewhere';
import { hostsAreUnique } from './network/hosts-are-unique';
import { noMetadataService } from './network/no-metadata-service';
import { noSnippets } from './network/no-snippets';
import { serviceSelectsPods } from './network/service-selects-pods';
import { explicitName } from './objects/explicit-name';
import { explicitNamespace } from './objects/explicit-namespace';
import { namespaceGuards } from './objects/namespace-guards';
import { noLeakedPlaceholder } from './objects/no-leaked-placeholder';
import { recommendedLabels } from './objects/recommended-labels';
import { stableApi } from './objects/stable-api';
import { boundedJob } from './pods/bounded-job';
import { dropCapabilities } from './pods/drop-capabilities';
import { keptVolumes } from './pods/kept-volumes';
import { noAccountToken } from './pods/no-account-token';
import { noHostAccess } from './pods/no-host-access';
import { noHostPath } from './pods/no-host-path';
import { noKernelSettings } from './pods/no-kernel-settings';
import { noPrivilegeEscalation } from './pods/no-privilege-escalation';
import { nonRoot } from './pods/non-root';
import { probes } from './pods/probes';
import { readOnlyRoot } from './pods/read-only-root';
import { resourceLimits } from './pods/resource-limits';
import { seccompProfile } from './pods/seccomp-profile';
import { selectorMatchesTemplate } from './pods/selector-matches-template';
import { selectorsAreApart } from './pods/selectors-are-apart';
import { referenceExists } from './references/reference-exists';
import { secretExists } from './references/secret-exists';
import type { Rule } from './rule';

/** Every rule, by folder. */
export const RULES: readonly Rule[] = [
  noAdminBinding,
  noPlainSecret,
  noRbacEscalation,
  noRbacWildcard,
  noSecretInFiles,
  imageDigest,
  noLatestTag,
  noVanishedImage,
  pullPolicy,
  clusterIpServices,
  defaultDeny,
  disruptionBudget,
  encryptedExposure,
  holesHaveTwins,
  holesLeadSomewhere,
  hostsAreUnique,
  noMetadataService,
  noSnippets,
  serviceSelectsPods,
  explicitName,
  explicitNamespace,
  namespaceGuards,
  noLeakedPlaceholder,
  recommendedLabels,
  stableApi,
  boundedJob,
  dropCapabilities,
  keptVolumes,
  noAccountToken,
  noHostAccess,
  noHostPath,
  noKernelSettings,
  noPrivilegeEscalation,
  nonRoot,
  probes,
  readOnlyRoot,
  resourceLimits,
  seccompProfile,
  selectorMatchesTemplate,
  selectorsAreApart,
  referenceExists,
  secretExists,
];
