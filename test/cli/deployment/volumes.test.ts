import { remainingVolumes } from '../../../cli/deployment/volumes';
import * as kubernetes from '../../../stacks/kubectl';

jest.mock('node:timers/promises', () => ({ setTimeout: () => Promise.resolve() }));

const volume = (name: string, namespace: string, policy: string) => ({
  metadata: { name },
  spec: {
    claimRef: { namespace, name: 'data-0' },
    persistentVolumeReclaimPolicy: policy,
    storageClassName: 'standard',
  },
});

/** What the API server answers, one after the other; the last answer stays. */
function answers(...lists: readonly (readonly object[])[]): jest.SpyInstance {
  let asked = 0;
  return jest.spyOn(kubernetes, 'kubectl').mockImplementation(() => {
    const items = lists[Math.min(asked++, lists.length - 1)];
    return Promise.resolve(JSON.stringify({ items }));
  });
}

afterEach(() => {
  jest.restoreAllMocks();
});

test('volumes are waited for until their provisioner has deleted them; those of others are nobody’s business', async () => {
  const other = volume('pvc-other', 'elsewhere', 'Delete');
  const spy = answers([volume('pvc-1', 'office-minio', 'Delete'), other], [other]);
  expect(await remainingVolumes(new Set(['office-minio']))).toEqual({ retained: [], undeleted: [] });
  expect(spy).toHaveBeenCalledTimes(2);
});

test('a volume that its class keeps is told at once', async () => {
  const spy = answers([volume('pvc-1', 'office-minio', 'Retain')]);
  expect(await remainingVolumes(new Set(['office-minio']))).toEqual({
    retained: ['PersistentVolume pvc-1 (of office-minio/data-0, class standard)'],
    undeleted: [],
  });
  expect(spy).toHaveBeenCalledTimes(1);
});

test('a volume that nobody deletes is told when the time is over', async () => {
  answers([volume('pvc-1', 'office-minio', 'Delete')]);
  expect(await remainingVolumes(new Set(['office-minio']), 0.01)).toEqual({
    retained: [],
    undeleted: ['PersistentVolume pvc-1 (of office-minio/data-0, class standard)'],
  });
});

test('where no namespace went, the cluster is not asked', async () => {
  const spy = answers([]);
  expect(await remainingVolumes(new Set())).toEqual({ retained: [], undeleted: [] });
  expect(spy).not.toHaveBeenCalled();
});
