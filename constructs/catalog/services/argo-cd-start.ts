import { repositoriesScript } from '../../delivery/argo-cd-programs';
import { AUTHORITIES, BUNDLE, SYSTEM_BUNDLE } from '../parts/surroundings';

/** Renders what is in repositories. */
export const REPOSITORIES_SCRIPT = repositoriesScript({
  given: `${AUTHORITIES}/ca.crt`,
  system: SYSTEM_BUNDLE,
  bundle: BUNDLE,
});

/** Logs in, as people do. */
export const TEST_SCRIPT = `set -eu
jq -n '{username: "admin", password: env.PASSWORD}' |
  curl --fail --silent --show-error --max-time 20 --output /dev/null --header 'Content-Type: application/json' \\
    --data-binary @- "$SERVER/api/v1/session"
`;
