import {
  ArgoWorkflows,
  type ArgoWorkflowsProps,
  type DatabaseAccess,
  type Platform,
  type PlatformProps,
  type WorkflowContainer,
} from '../../../constructs';
import { DIGESTED_LOCK, TEST_LOCK, testImages, testPlatform } from '../../support/platform';
import { FakeDatabaseServer, FakeObjectStore } from '../../support/storage';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const ARGO = {
  repository: 'bouture/argo-workflows',
  tag: '3.7.18',
  licence: 'Apache-2.0',
  source: 'https://example.org/argo-workflows',
  build: 'images/argo-workflows',
};

export const PRODUCTION: Partial<PlatformProps> = {
  profile: 'production',
  images: testImages({
    lock: { ...DIGESTED_LOCK, 'argo-workflows': { ...ARGO, digest: DIGEST } },
    requireDigest: true,
  }),
};

export interface Made {
  readonly platform: Platform;
  readonly argo: ArgoWorkflows;
  readonly database: FakeDatabaseServer;
  readonly store: FakeObjectStore;
}

/** An Argo with bucket and database, unless it is asked to be `bare`. @param at where the database is */
export function makeArgo(
  props: ArgoWorkflowsProps & { readonly bare?: boolean } = {},
  platformProps: Partial<PlatformProps> = {},
  at: Partial<DatabaseAccess> = {},
): Made {
  const { bare = false, ...rest } = props;
  const images = testImages({ lock: { ...TEST_LOCK, 'argo-workflows': ARGO } });
  const platform = testPlatform({ images, ...platformProps });
  const authority = { namespace: 'demo-argo', name: 'argo-db-workflows-ca', key: 'ca.crt' };
  const database = new FakeDatabaseServer(platform, 'database', { certificateAuthority: authority, ...at });
  const store = new FakeObjectStore(platform, 'store');
  const argo = new ArgoWorkflows(platform, 'argo', {
    ...(bare
      ? {}
      : {
          artifacts: { bucket: store.addBucket('workflows') },
          archive: { database: database.addDatabase('workflows') },
        }),
    ...rest,
  });
  return { platform, argo, database, store };
}

/** What a step of the tests runs. */
export function container(platform: Platform, ...command: string[]): WorkflowContainer {
  return {
    image: platform.images.get('busybox'),
    command: command.length === 0 ? ['true'] : command,
    resources: { cpu: { request: '10m', limit: '100m' }, memory: { request: '16Mi', limit: '64Mi' } },
  };
}
