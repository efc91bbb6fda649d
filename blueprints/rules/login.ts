import type { Conflict } from '../config/check';
import type { Sections } from '../sections/platform';

/** Whoever logs in comes by a browser, and comes back. */
export function* loginHasAWay({ coding, exposure, identity }: Sections): Iterable<Conflict> {
  if (coding === undefined || identity === undefined || exposure !== undefined) return;
  yield {
    path: ['identity'],
    reads: [['exposure']],
    message: 'people log in by their browsers, which have no way in and none back',
    expected: 'exposure; or no identity',
  };
}

/** Pages behind a login are not open as well. */
export function* loginIsTheOnlyWay({ coding, identity, monitoring }: Sections): Iterable<Conflict> {
  if (coding === undefined || identity === undefined || monitoring?.dashboard?.openBecause === undefined) return;
  yield {
    path: ['monitoring', 'dashboard', 'openBecause'],
    reads: [['identity']],
    message: 'people log in to read the pages, which cannot be open as well',
    expected: 'no openBecause; or no identity',
  };
}

/** Argo Workflows has a host for people alone; programs call its Service. */
export function* workflowsHaveAHost({ coding, identity, workflows }: Sections): Iterable<Conflict> {
  if (coding === undefined || identity !== undefined || workflows?.subdomain === undefined) return;
  yield {
    path: ['workflows', 'subdomain'],
    reads: [['identity']],
    message: 'nobody logs in to Argo Workflows by a browser, so it has no host',
    expected: 'identity; or no subdomain',
  };
}

/** Argo CD reads all that it trusts in one place: texts can be put together, Secrets of others cannot. */
export function* argoCdTrustsBoth({ coding, delivery, identity }: Sections): Iterable<Conflict> {
  const repository = delivery?.repository?.certificateAuthority;
  const provider = identity?.external?.certificateAuthority;
  if (coding === undefined || repository === undefined || provider === undefined) return;
  const areTexts = repository.pem !== undefined && provider.pem !== undefined;
  const areOne = repository.secretName === provider.secretName && repository.key === provider.key;
  if (areTexts || (repository.pem === undefined && provider.pem === undefined && areOne)) return;
  yield {
    path: ['delivery', 'repository', 'certificateAuthority'],
    reads: [['identity', 'external', 'certificateAuthority']],
    message: 'Argo CD calls the repository and the identity provider, and reads whom it trusts in one place',
    expected: 'pem for both, or one Secret that holds both authorities',
  };
}
