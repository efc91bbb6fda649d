import fc from 'fast-check';
import {
  devicePluginConfig,
  GpuNodePool,
  type GpuNodePoolProps,
  GpuNodes,
  type GpuNodesProps,
  GpuSharing,
  MIG_PROFILE_NAMES,
  synthesize,
} from '../../../constructs';
import { checkRules, describeViolation } from '../../../constructs/platform/rules';
import { schemaMinors, StrictSchemas } from '../../../tools/schemas/validator';
import { at, listAt, objectOf } from '../../support/objects';
import { testPlatform } from '../../support/platform';

const MONITORING = { prometheus: { namespace: 'monitoring', podLabels: { app: 'prometheus' } } };

/** A platform with pools by name. */
function gpus(pools: Readonly<Record<string, GpuNodePoolProps>> = { t4: {} }, props: GpuNodesProps = {}) {
  const platform = testPlatform();
  const nodes = new GpuNodes(platform, 'gpu', props);
  const made = Object.entries(pools).map(([id, pool]) => new GpuNodePool(nodes, id, pool));
  return { platform, nodes, pools: made };
}

const EVERYTHING = { whole: { gpusPerNode: 8 }, parts: { sharing: GpuSharing.mig('1g.10gb', 'mixed') } };

describe('the configuration of the device plugin', () => {
  test('gives each card to one container', () => {
    expect(devicePluginConfig(GpuSharing.none(), 'envvar')).toEqual({
      version: 'v1',
      flags: {
        migStrategy: 'none',
        failOnInitError: true,
        plugin: { passDeviceSpecs: false, deviceListStrategy: 'envvar', deviceIDStrategy: 'uuid' },
      },
    });
  });

  test('gives a card to several containers, and no container two slices of it', () => {
    expect(devicePluginConfig(GpuSharing.timeSlicing(4), 'cdi-cri').sharing).toEqual({
      timeSlicing: {
        renameByDefault: false,
        failRequestsGreaterThanOne: true,
        resources: [{ name: 'nvidia.com/gpu', replicas: 4 }],
      },
    });
  });

  test.each(['single', 'mixed'] as const)('finds parts of cards, called by the strategy %s', (strategy) => {
    expect(devicePluginConfig(GpuSharing.mig('2g.20gb', strategy), 'envvar').flags.migStrategy).toBe(strategy);
  });
});

describe('GpuNodePool', () => {
  test('is a node group of a cloud, from no node on', () => {
    const { pools } = gpus({
      a100: { gpusPerNode: 2, maxNodes: 3, instanceType: 'a2-highgpu-2g', labels: { zone: 'north' } },
    });
    expect(pools[0]?.nodeGroup).toEqual({
      name: 'a100',
      instanceType: 'a2-highgpu-2g',
      minNodes: 0,
      maxNodes: 3,
      labels: { zone: 'north', 'bouture.dev/gpu-pool': 'a100' },
      taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }],
      resources: { 'nvidia.com/gpu': 2 },
    });
  });

  test('runs its device plugin on its nodes alone, with the sockets of their kubelet', () => {
    const { platform } = gpus({ t4: {} }, { kubeletFolder: '/var/lib/k0s/kubelet' });
    const pod = at(objectOf(synthesize(platform), 'DaemonSet', 'gpu-device-plugin-t4'), 'spec', 'template', 'spec');
    expect(pod).toMatchObject({
      nodeSelector: { 'bouture.dev/gpu-pool': 't4' },
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
      runtimeClassName: 'nvidia',
      priorityClassName: 'system-node-critical',
      automountServiceAccountToken: false,
    });
    expect(at(pod, 'volumes', 0, 'hostPath', 'path')).toBe('/var/lib/k0s/kubelet/device-plugins');
    expect(at(pod, 'containers', 0, 'volumeMounts', 0, 'mountPath')).toBe('/var/lib/kubelet/device-plugins');
  });

  test('adds the one capability that parts of cards need, and none for whole cards', () => {
    const { platform } = gpus(EVERYTHING);
    const capabilities = (pool: string) =>
      at(
        objectOf(synthesize(platform), 'DaemonSet', `gpu-device-plugin-${pool}`),
        ...['spec', 'template', 'spec', 'containers', 0, 'securityContext', 'capabilities'],
      );
    expect(capabilities('whole')).toEqual({ drop: ['ALL'] });
    expect(capabilities('parts')).toEqual({ drop: ['ALL'], add: ['SYS_ADMIN'] });
  });

  test('starts another Pod of the plugin when its configuration is another', () => {
    const name = (sharing: GpuSharing) => {
      const { platform } = gpus({ t4: { sharing } });
      return objectOf(synthesize(platform), 'ConfigMap', /^gpu-device-plugin-t4-/).metadata.name;
    };
    expect(name(GpuSharing.timeSlicing(2))).not.toBe(name(GpuSharing.timeSlicing(3)));
  });

  test('leaves nodes alone that somebody else makes advertise their cards', () => {
    const { platform, nodes } = gpus({ instinct: { devicePlugin: 'existing', resource: 'amd.com/gpu' } });
    expect(synthesize(platform).objects.filter(({ manifest }) => manifest.kind === 'DaemonSet')).toEqual([]);
    expect(nodes.offer?.most).toEqual({ 'amd.com/gpu': 1 });
  });

  test('is watched where somebody reads it', () => {
    const { platform } = gpus({ t4: { sharing: GpuSharing.timeSlicing(2) } }, { monitoring: MONITORING });
    const synthesis = synthesize(platform);
    const exporter = at(objectOf(synthesis, 'DaemonSet', 'gpu-monitoring-t4'), 'spec', 'template', 'spec');
    expect(listAt(exporter, 'containers', 0, 'env')).toContainEqual({ name: 'KUBERNETES_VIRTUAL_GPUS', value: 'true' });
    expect(listAt(objectOf(synthesis, 'NetworkPolicy', 'gpu-monitoring-t4'), 'spec', 'ingress')).toEqual([
      {
        from: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
            podSelector: { matchLabels: { app: 'prometheus' } },
          },
        ],
        ports: [{ port: 9400, protocol: 'TCP' }],
      },
    ]);
  });

  test('counts what its nodes advertise, whatever way its cards are shared', () => {
    const sharing = fc.oneof(
      fc.constant(GpuSharing.none()),
      fc.integer({ min: 2, max: 48 }).map((replicas) => GpuSharing.timeSlicing(replicas)),
      fc.constantFrom(...MIG_PROFILE_NAMES).map((profile) => GpuSharing.mig(profile)),
    );
    const count = fc.integer({ min: 1, max: 16 });
    fc.assert(
      fc.property(sharing, count, count, (shared, gpusPerNode, maxNodes) => {
        const [pool] = gpus({ p: { sharing: shared, gpusPerNode, maxNodes, devicePlugin: 'existing' } }).pools;
        expect(pool?.capacity).toBe(maxNodes * gpusPerNode * shared.perCard);
        // what one service may ask for fits on one node, and a slice is no sum
        expect(pool?.perService).toBe(shared.addsUp ? gpusPerNode : 1);
        expect(pool?.perService).toBeLessThanOrEqual(pool?.capacity ?? 0);
      }),
      { numRuns: 40 },
    );
  });

  test.each<[GpuNodePoolProps, string]>([
    [{ gpusPerNode: 0 }, 'number of GPUs of a node of pool "t4" is a whole number from 1 to 16, given 0'],
    [{ minNodes: 2 }, 'the greatest number of nodes of pool "t4" is a whole number from 2 to 5000, given 1'],
    [{ resource: 'amd.com/gpu' }, "leave resource out, or say devicePlugin: 'existing'"],
  ])('refuses %j', (props, message) => {
    expect(() => gpus({ t4: props })).toThrow(message);
  });

  test.each<[() => GpuSharing, string]>([
    [() => GpuSharing.timeSlicing(1), 'a whole number from 2 to 48, given 1'],
    [() => GpuSharing.mig('1g.11gb' as '1g.10gb'), 'MIG profile "1g.11gb": expected one of 1g.6gb'],
  ])('knows no other way to share than NVIDIA does', (make, message) => {
    expect(make).toThrow(message);
  });
});

describe('GpuNodes', () => {
  test('have a namespace that alone is not held to a Pod Security level, and says why', () => {
    const { metadata } = objectOf(synthesize(gpus().platform), 'Namespace', 'demo-gpu');
    expect(metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'privileged' });
    expect(metadata.annotations?.['bouture.dev/suppress.namespace-guards']).toMatch(/sockets in folders of the node/);
  });

  test('make batch Pods give way to those that somebody sits in front of, and displace nobody', () => {
    const synthesis = synthesize(gpus().platform);
    const interactive = objectOf(synthesis, 'PriorityClass', 'demo-gpu-interactive');
    const batch = objectOf(synthesis, 'PriorityClass', 'demo-gpu-batch');
    expect(interactive['value']).toBe(0);
    expect(Number(batch['value'])).toBeLessThan(0);
    expect(batch['preemptionPolicy']).toBe('Never');
  });

  test('take a RuntimeClass of somebody else, or none', () => {
    const kinds = (props: GpuNodesProps) =>
      synthesize(gpus({}, props).platform).objects.map(({ manifest }) => manifest.kind);
    expect(kinds({})).toContain('RuntimeClass');
    expect(kinds({ runtimeClass: 'existing' })).not.toContain('RuntimeClass');
    expect(gpus({}, { runtimeClass: 'existing', runtimeClassName: 'gpus' }).nodes.runtimeClassName).toBe('gpus');
    expect(gpus({}, { runtimeClass: 'none' }).nodes.runtimeClassName).toBeUndefined();
  });

  test('offer pools of one resource by their names', () => {
    const { nodes } = gpus({ t4: {}, l4: { gpusPerNode: 4 } });
    expect(nodes.offer).toEqual({
      most: { 'nvidia.com/gpu': 4 },
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
      runtimeClassName: 'nvidia',
      priorityClassName: 'demo-gpu-interactive',
      pools: { nodeLabel: 'bouture.dev/gpu-pool', kinds: ['t4', 'l4'] },
    });
  });

  test('offer pools of different resources by these', () => {
    const { nodes } = gpus(EVERYTHING);
    expect(nodes.offer?.most).toEqual({ 'nvidia.com/gpu': 8, 'nvidia.com/mig-1g.10gb': 1 });
    expect(nodes.offer?.pools).toBeUndefined();
    expect(nodes.deviceTolerations).toEqual({ 'nvidia.com/gpu': ['nvidia.com/gpu', 'nvidia.com/mig-1g.10gb'] });
  });

  test('refuse pools that a person could not tell apart', () => {
    expect(() => gpus({ a: {}, b: {}, c: { sharing: GpuSharing.mig('1g.5gb', 'mixed') } })).toThrow(
      'given a (nvidia.com/gpu), b (nvidia.com/gpu), c (nvidia.com/mig-1g.5gb)',
    );
  });

  test('refuse a folder that is none', () => {
    expect(() => gpus({}, { kubeletFolder: 'kubelet' })).toThrow('folder of the kubelet "kubelet"');
  });

  test('break no rule and are valid on every Kubernetes minor', () => {
    const synthesis = synthesize(gpus(EVERYTHING, { monitoring: MONITORING }).platform);
    expect(checkRules(synthesis, { profile: 'pilot' }).map(describeViolation)).toEqual([]);
    for (const minor of schemaMinors()) {
      const schema = new StrictSchemas(minor);
      const problems = synthesis.objects.flatMap(({ manifest }) =>
        schema.problems(JSON.parse(JSON.stringify(manifest))),
      );
      expect({ minor, problems }).toEqual({ minor, problems: [] });
    }
  });
});
