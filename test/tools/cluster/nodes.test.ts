import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { addonObjects } from '../../../tools/cluster/addons';
import { NODES } from '../../../tools/cluster/addresses';
import { EmbeddedCluster, PARTS } from '../../../tools/cluster/cluster';

let directory: string;
let cluster: EmbeddedCluster;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bouture-nodes-'));
  cluster = new EmbeddedCluster(directory);
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const text = (file: string) => readFileSync(join(cluster.state, file), 'utf8');
const kubelet = (suffix: string) => parse(text(`kubelet${suffix}.yaml`)) as Readonly<Record<string, unknown>>;

test('a cluster has one node until somebody says two, and keeps that', () => {
  expect([cluster.nodes.length, cluster.parts]).toEqual([1, PARTS.filter((part) => !part.endsWith('-2'))]);
  cluster.nodeCount = 2;
  const again = new EmbeddedCluster(directory);
  expect([again.nodes.length, again.parts]).toEqual([2, PARTS]);
  again.nodeCount = 1;
  expect(cluster.nodes.length).toBe(1);
});

test('two nodes have nothing in common that one of them would take from the other', () => {
  for (const node of [cluster.node, cluster.secondNode]) node.configure();
  const own = [
    'address',
    'tlsCertFile',
    'tlsPrivateKeyFile',
    'containerRuntimeEndpoint',
    'podLogsDir',
    'cgroupRoot',
    'healthzPort',
  ];
  const [first, second] = [kubelet(''), kubelet('-2')];
  for (const field of own) expect([field, first[field]]).not.toEqual([field, second[field]]);
  const folders = (file: string) =>
    [...text(file).matchAll(/^(?:root|state| *address) = "(.*)"$/gm)].map(([, path]) => path);
  expect(folders('containerd-2.toml')).toHaveLength(3);
  expect(folders('containerd.toml').filter((path) => folders('containerd-2.toml').includes(path))).toEqual([]);
  for (const folder of ['kubelet', 'kubelet-2', 'containerd-2', 'pod-logs-2']) {
    expect(existsSync(join(cluster.state, folder))).toBe(true);
  }
  expect(new Set(NODES.flatMap(({ name, address, healthPort }) => [name, address, healthPort])).size).toBe(6);
});

test('two nodes give out addresses from one list, so that no two Pods have one', () => {
  for (const node of [cluster.node, cluster.secondNode]) node.configure();
  const folder = (file: string) => /conf_dir = "(.*)"/.exec(text(file))?.[1];
  expect(folder('containerd-2.toml')).toBe(folder('containerd.toml'));
});

test('the first node is what it was before there could be two', () => {
  cluster.node.configure();
  expect(kubelet('')).not.toHaveProperty('cgroupRoot');
  expect(kubelet('')).not.toHaveProperty('healthzPort');
  expect(cluster.node.kubelet().name).toBe('kubelet');
  expect(cluster.secondNode.kubelet().args).toContain('--hostname-override=bouture-2');
});

test('what the cluster runs for itself stays on the first node', () => {
  const values = { volumes: '/volumes', resolvers: [], web: { certificate: 'c', key: 'k' } };
  for (const name of ['kube-network-policies', 'coredns', 'local-path-provisioner', 'traefik']) {
    const pods = addonObjects(name, values).filter(({ kind }) => kind === 'Deployment' || kind === 'DaemonSet');
    expect(pods.length).toBeGreaterThan(0);
    for (const one of pods) {
      expect(one).toMatchObject({
        spec: { template: { spec: { nodeSelector: { 'kubernetes.io/hostname': 'bouture' } } } },
      });
    }
  }
});
