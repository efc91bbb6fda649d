import { type Machine, problems } from '../../../tools/cluster/preflight';

const GIB = 1024 ** 3;
const CGROUPS = '#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t1\t1\nmemory\t2\t1\t1\npids\t3\t1\t1\n';

const good: Machine = {
  platform: 'linux',
  architecture: 'x64',
  root: true,
  cgroups: CGROUPS,
  mounts: 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n',
  state: '/home/someone/platform/.bouture/cluster',
  free: 50 * GIB,
  freeForBuilds: 50 * GIB,
  mustBuild: true,
  takenPorts: [],
  firewall: '*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n',
};

describe('what a machine lacks', () => {
  test('is nothing on a good one', () => {
    expect(problems(good)).toEqual([]);
  });

  test('is nothing with cgroups of version 1 either', () => {
    expect(problems({ ...good, mounts: 'cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n' })).toEqual([]);
  });

  test.each<[string, Partial<Machine>, RegExp]>([
    ['another system', { platform: 'darwin' }, /runs on Linux; this is darwin.*KUBECONFIG/],
    ['an unknown architecture', { architecture: 'mips' }, /x64 and arm64; this is mips/],
    ['an ordinary user', { root: false }, /needs root.*sudo/],
    ['no cgroups', { mounts: 'tmpfs /tmp tmpfs rw 0 0\n' }, /no cgroup file system.*mount/],
    ['no memory controller', { cgroups: CGROUPS.replace('2\t1\t1', '0\t1\t0') }, /memory.*cgroup_enable=memory/],
    ['a long path', { state: `/${'a'.repeat(90)}` }, /91 characters; sockets below it allow 70/],
    ['a full disk', { free: 2 * GIB }, /2\.0 GiB free.*at least 5\.0 GiB/],
    ['no room to build', { freeForBuilds: 10 * GIB }, /10\.0 GiB free.*BOUTURE_CACHE/],
    ['a taken port', { takenPorts: [5001] }, /port 5001.*image registry, is taken.*ss -ltnp/],
    ['another Kubernetes', { firewall: '*nat\n:KUBE-SERVICES - [0:0]\nCOMMIT\n' }, /another Kubernetes.*KUBE-SERVICES/],
  ])('%s is named with its remedy', (_, change, expected) => {
    const found = problems({ ...good, ...change });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });

  test('room to build is not asked for when all is built', () => {
    expect(problems({ ...good, freeForBuilds: 1 * GIB, mustBuild: false })).toEqual([]);
  });

  test('comes all at once', () => {
    expect(problems({ ...good, root: false, takenPorts: [5001, 12379], free: 0 })).toHaveLength(4);
  });
});
