import type { CloudNeeds } from '../../../constructs';

const NEEDS = { settings: { kind: 'gcp' }, platform: 'office', buckets: [], programs: [] } as unknown as CloudNeeds;
const context = { generated: () => Promise.reject(new Error('nobody asks')) as never };

/** What asking for a cluster throws when loading its cloud throws. */
function thrown(error: Error): Error {
  let found = new Error('nothing was thrown');
  jest.isolateModules(() => {
    jest.doMock('../../../stacks/clusters/gcp', () => {
      throw error;
    });
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- after the mock
    const { clusterOf } = require('../../../stacks/clusters') as typeof import('../../../stacks/clusters');
    try {
      clusterOf({ kind: 'cloud', needs: NEEDS }, context);
    } catch (refused) {
      found = refused as Error;
    }
  });
  return found;
}

test('a package that is not installed is named, with the command that installs it', () => {
  const missing = Object.assign(new Error("Cannot find module '@pulumi/gcp/provider'"), { code: 'MODULE_NOT_FOUND' });
  expect(thrown(missing).message).toBe(
    "cluster.gcp needs the package @pulumi/gcp, which is not installed: npm install --save-dev '@pulumi/gcp@^9'",
  );
});

test('any other fault is told as it is', () => {
  const other = Object.assign(new Error("Cannot find module './network'"), { code: 'MODULE_NOT_FOUND' });
  expect(thrown(other)).toBe(other);
});

test('a platform whose cluster exists loads no package of a cloud', () => {
  jest.isolateModules(() => {
    for (const cloud of ['aws', 'gcp', 'azure']) {
      jest.doMock(`../../../stacks/clusters/${cloud}`, () => {
        throw new Error(`${cloud} was loaded`);
      });
    }
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- after the mocks
    const { existingCluster } = require('../../../stacks') as typeof import('../../../stacks');
    expect(existingCluster).toBeDefined();
  });
});
