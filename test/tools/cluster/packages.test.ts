import { isDebian, missingPackages } from '../../../tools/cluster/packages';

describe('packages of the distribution', () => {
  test('are all missing on a machine without programs', () => {
    expect(missingPackages(() => false)).toEqual(expect.arrayContaining(['containerd', 'runc', 'buildah']));
  });

  test('are not missing where their programs are, wherever that is', () => {
    expect(missingPackages((file) => file.startsWith('/usr/sbin/') || file.startsWith('/usr/lib/cni/'))).toEqual([]);
  });

  test('are missing when one of their programs is', () => {
    expect(missingPackages((file) => !file.endsWith('/ctr'))).toEqual(['containerd']);
  });
});

test.each([
  ['ID=debian\nVERSION_ID="12"\n', true],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', true],
  ['ID="rhel"\nID_LIKE="fedora"\n', false],
  ['', false],
])('whether %j is Debian: %s', (text, expected) => {
  expect(isDebian(text)).toBe(expected);
});
