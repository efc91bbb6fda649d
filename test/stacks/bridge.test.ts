import * as pulumi from '@pulumi/pulumi';
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { atStep, Component, k8s, Layer, READY_LATER, type Synthesis, synthesize } from '../../constructs';
import { deployedManifests, deployPlatform, type DeploymentProps } from '../../stacks/bridge';
import { existingCluster } from '../../stacks/clusters';
import { generate, generatedValues } from '../../stacks/generated-values';
import { type Awaited, NotReadyError } from '../../stacks/readiness/gate';
import { testPlatform } from '../support/platform';
import { isSecret, type Registered, runProgram } from '../support/pulumi';
import { office } from './office';

const SEED = Buffer.alloc(32, 7).toString('base64');
const ROLE = { 'backup-role': 'office' };

/** What deploying the office registers, asked for once. */
let plain: ReturnType<typeof deploy> | undefined;
const deployed = () => (plain ??= deploy());

/** What deploying a platform registers, by `Kind namespace/name`. */
async function deploy(
  synthesis: Synthesis = office(),
  props: Partial<DeploymentProps> = {},
  preview = false,
): Promise<{ all: readonly Registered[]; get: (what: string) => Registered; waits: Awaited[][] }> {
  const waits: Awaited[][] = [];
  const { registered } = await runProgram(
    () =>
      deployPlatform({
        synthesis,
        cluster: existingCluster({ kind: 'existing' }).provider,
        seed: pulumi.secret(SEED),
        deployTimeValues: ROLE,
        waitUntilReady: (_, awaited) => {
          waits.push([...awaited]);
          return Promise.resolve();
        },
        ...props,
      }),
    { preview },
  );
  const get = (what: string): Registered => {
    const found = registered.find(({ type, name }) => `${type.split(':').at(-1) ?? ''} ${name}` === what);
    if (found === undefined) throw new Error(`nothing registered as ${what}`);
    return found;
  };
  return { all: registered, get, waits };
}

/** The last part of a URN. */
function tail(urn: string): string {
  return urn.slice(urn.lastIndexOf('::') + 2);
}

describe('the tree', () => {
  test('has each object as a resource of its own, named by namespace and name', async () => {
    const { all } = await deployed();
    const objects = all.filter(({ type }) => type.startsWith('kubernetes:'));
    expect(objects.map(({ type, name }) => `${type} ${name}`).sort()).toMatchInlineSnapshot(`
      [
        "kubernetes:apps/v1:Deployment demo-server/server",
        "kubernetes:apps/v1:StatefulSet demo-store/store",
        "kubernetes:batch/v1:Job demo-store/prepare",
        "kubernetes:core/v1:LimitRange demo-server/platform",
        "kubernetes:core/v1:LimitRange demo-store/platform",
        "kubernetes:core/v1:Namespace demo-server",
        "kubernetes:core/v1:Namespace demo-store",
        "kubernetes:core/v1:ResourceQuota demo-server/platform",
        "kubernetes:core/v1:ResourceQuota demo-store/platform",
        "kubernetes:core/v1:Secret demo-store/root",
        "kubernetes:core/v1:Service demo-store/store",
        "kubernetes:core/v1:ServiceAccount demo-server/default",
        "kubernetes:core/v1:ServiceAccount demo-store/default",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy demo-server/allow-dns",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy demo-server/default-deny",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy demo-store/allow-dns",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy demo-store/default-deny",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy demo-store/store",
      ]
    `);
  });

  test('is that of the constructs', async () => {
    const { all, get } = await deployed();
    const constructs = all.filter(({ type }) => type.startsWith('bouture:'));
    expect(constructs.map(({ name, parent }) => `${name} in ${tail(parent)}`)).toMatchInlineSnapshot(`
      [
        "demo in ",
        "store in demo",
        "server in demo",
        "store/namespace in store",
        "store/connections in store",
        "server/namespace in server",
      ]
    `);
    expect(tail(get('StatefulSet demo-store/store').parent)).toBe('store');
    expect(tail(get('NetworkPolicy demo-store/default-deny').parent)).toBe('store/namespace');
  });

  test('speaks of core objects and of those that CRDs add', async () => {
    const platform = testPlatform();
    new k8s.KubeNamespace(platform, 'namespace', { metadata: { name: 'demo' } });
    new ApiObject(platform, 'route', {
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'IngressRoute',
      metadata: { name: 'route', namespace: 'demo' },
    });
    const { all } = await deploy(synthesize(platform));
    expect(all.map(({ type, name }) => `${type} ${name}`)).toEqual(
      expect.arrayContaining([
        'kubernetes:core/v1:Namespace demo',
        'kubernetes:traefik.io/v1alpha1:IngressRoute demo/route',
      ]),
    );
  });

  test('goes to the one cluster, whose kubeconfig is not recorded', async () => {
    const { all, get } = await deployed();
    expect(get('kubernetes cluster').inputs).toMatchObject({ kubeconfig: '' });
    const providers = all.filter(({ type }) => type.startsWith('kubernetes:')).map(({ provider }) => provider);
    expect(new Set(providers.map((provider) => provider.split('::').at(-2)))).toEqual(new Set(['cluster']));
  });
});

describe('a construct that moves in the tree', () => {
  /** What Pulumi knows an object by: the types of its parents, its own type, its name. */
  function urn(depth: number, type: string, name: string): string {
    const parents = ['bouture:platform:Platform', ...Array<string>(depth).fill('bouture:platform:Construct')];
    return `urn:pulumi:test::bouture::${[...parents, type].join('$')}::${name}`;
  }

  test('keeps its objects: each answers to the name that it had elsewhere', async () => {
    const { get } = await deploy(office((platform) => new Construct(new Construct(platform, 'deep'), 'deeper')));
    const store = get('StatefulSet demo-store/store');
    expect(tail(store.parent)).toBe('deep/deeper/store');
    for (const depth of [0, 1, 2, 4, 5, 6]) {
      expect(store.aliases).toContain(urn(depth, 'kubernetes:apps/v1:StatefulSet', 'demo-store/store'));
    }
    expect(store.aliases).not.toContain(urn(3, 'kubernetes:apps/v1:StatefulSet', 'demo-store/store'));
  });

  test('keeps its objects also where the tree is deeper than is shown', async () => {
    const deep = (levels: number) =>
      office((platform) => {
        let scope: Construct = platform;
        for (let i = 0; i < levels; i++) scope = new Construct(scope, `level-${i}`);
        return scope;
      });
    const { get } = await deploy(deep(12));
    expect(tail(get('StatefulSet demo-store/store').parent)).toBe('level-0/level-1/level-2/level-3/level-4/level-5');
  });
});

describe('the waves', () => {
  test('wait for the one before, through one resource each', async () => {
    const { all, get } = await deployed();
    expect(all.filter(({ type }) => type === 'pulumi:index:Stash').map(({ name }) => name)).toEqual([
      '10-namespaces',
      '20-foundations',
      '20-foundations-1',
      '30-platform',
    ]);
    expect(get('StatefulSet demo-store/store').dependsOn.map(tail).sort()).toEqual(['10-namespaces', 'demo-store']);
    expect(get('Job demo-store/prepare').dependsOn.map(tail).sort()).toEqual(['20-foundations', 'demo-store']);
    expect(get('Deployment demo-server/server').dependsOn.map(tail).sort()).toEqual([
      '20-foundations-1',
      'demo-server',
    ]);
    expect(get('Stash 20-foundations').dependsOn.map(tail).sort()).toEqual([
      '10-namespaces',
      'demo-store/store',
      'demo-store/store',
    ]);
  });

  test('cost as many edges as there are objects, not their square', async () => {
    const edges = async (objects: number): Promise<number> => {
      const platform = testPlatform();
      class Maps extends Component {
        constructor() {
          super(platform, 'maps', Layer.PLATFORM);
          for (let i = 0; i < objects; i++) {
            const metadata = { name: `map-${i}`, namespace: this.namespace.name };
            atStep(new k8s.KubeConfigMap(this, `map-${i}`, { metadata }), i % 2);
          }
        }
      }
      new Maps();
      const { all } = await deploy(synthesize(platform));
      return all.reduce((sum, { dependsOn }) => sum + dependsOn.length, 0);
    };
    expect((await edges(40)) - (await edges(20))).toBe(3 * 20);
  });

  test('end once their workloads are ready', async () => {
    const { waits } = await deployed();
    expect(waits.map((wave) => wave.map(({ kind, name, timeoutSeconds }) => [kind, name, timeoutSeconds]))).toEqual([
      [['StatefulSet', 'store', 300]],
      [['Job', 'prepare', 300]],
      [['Deployment', 'server', 900]],
    ]);
  });

  test('do not wait in a preview', async () => {
    const { waits, all } = await deploy(office(), {}, true);
    expect(waits).toEqual([]);
    expect(all.map(({ name }) => name)).toContain('demo-server/server');
  });

  test('do not wait for what somebody makes ready later', async () => {
    const synthesis = office();
    const objects = synthesis.objects.map((object) => {
      const { manifest } = object;
      if (manifest.kind !== 'Deployment') return object;
      const metadata = { ...manifest.metadata, annotations: { [READY_LATER]: 'when there is a model' } };
      return { ...object, manifest: { ...manifest, metadata } };
    });
    const { waits, all } = await deploy({ ...synthesis, objects });
    expect(waits.flat().map(({ name }) => name)).toEqual(['store', 'prepare']);
    expect(all.map(({ name }) => name)).toContain('demo-server/server');
  });

  test('leave alone what something else deploys, and do not wait for it', async () => {
    const synthesis = office();
    const objects = synthesis.objects.map((object) =>
      object.manifest.kind === 'Deployment' ? { ...object, deployedBy: 'argo-cd' } : object,
    );
    const { waits, all } = await deploy({ ...synthesis, objects });
    expect(waits.flat().map(({ name }) => name)).toEqual(['store', 'prepare']);
    expect(all.map(({ name }) => name)).not.toContain('demo-server/server');
    expect(deployedManifests({ ...synthesis, objects }).map(({ kind }) => kind)).not.toContain('Deployment');
  });

  test('end the program when a workload will not be ready: nothing of the next is registered', async () => {
    const said: string[] = [];
    const spy = jest.spyOn(pulumi.log, 'error').mockImplementation((message) => {
      said.push(message);
      return Promise.resolve();
    });
    const seen: string[] = [];
    const failing = deploy(office(), {
      waitUntilReady: (_, awaited) => {
        seen.push(...awaited.map(({ name }) => name));
        const [workload] = awaited;
        if (workload === undefined) throw new Error('nothing to wait for');
        const password = generate(SEED, generatedPassword(), 0);
        throw new NotReadyError(workload, `not ready\nPod store-0: refused ${password}`);
      },
    });
    await expect(failing).rejects.toThrow('20-foundations is not ready');
    expect(seen).toEqual(['store']);
    expect(said).toEqual(['not ready\nPod store-0: refused (secret)']);
    spy.mockRestore();
  });
});

function generatedPassword() {
  const [value] = generatedValues(office()).values();
  if (value === undefined) throw new Error('the office has no generated value');
  return value;
}

describe('what losing would lose data', () => {
  test('is protected and retained, and depends on nothing that may go before it', async () => {
    const { get } = await deployed();
    const namespace = get('Namespace demo-store');
    expect(namespace).toMatchObject({ protect: true, retainOnDelete: true, dependsOn: [], deletedWith: '' });
    expect(get('Namespace demo-server')).toMatchObject({ protect: false, retainOnDelete: false });
  });

  test('is protected where it can only be deleted and made again', async () => {
    const { get } = await deployed();
    expect(get('StatefulSet demo-store/store')).toMatchObject({ protect: true, retainOnDelete: false });
    expect(get('Deployment demo-server/server')).toMatchObject({ protect: false });
  });

  test('does not hold back what can be made again: that goes with its namespace', async () => {
    const { get } = await deployed();
    expect(tail(get('Service demo-store/store').deletedWith)).toBe('demo-store');
    expect(get('StatefulSet demo-store/store').deletedWith).toBe('');
  });

  test('includes a claim that stands by itself', async () => {
    const platform = testPlatform();
    class Claim extends Component {
      constructor() {
        super(platform, 'claim', Layer.FOUNDATIONS);
        const metadata = { name: 'claim', namespace: this.namespace.name };
        new k8s.KubePersistentVolumeClaim(this, 'claim', { metadata });
      }
    }
    new Claim();
    const { get } = await deploy(synthesize(platform));
    const claim = get('PersistentVolumeClaim demo-claim/claim');
    expect(claim).toMatchObject({ protect: true, retainOnDelete: true });
    expect(claim.dependsOn.map(tail)).toEqual(['demo-claim']);
    expect(get('Namespace demo-claim')).toMatchObject({ protect: true, retainOnDelete: true });
  });

  test('includes the definition of a kind, which a configuration may let go of nevertheless', async () => {
    const platform = testPlatform();
    const metadata = { name: 'surveys.example.org' };
    new ApiObject(platform, 'surveys', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata,
    });
    const { get } = await deploy(synthesize(platform));
    const found = get('CustomResourceDefinition surveys.example.org');
    expect(found).toMatchObject({ protect: false, retainOnDelete: true });
  });
});

describe('secrets', () => {
  test('are secret to Pulumi, key by key, and the rest of their object is not', async () => {
    const { get } = await deployed();
    const { inputs } = get('Secret demo-store/root');
    const { data, ...rest } = inputs as { data: Record<string, unknown> };
    expect(Object.keys(data).sort()).toEqual(['password', 'user']);
    expect(Object.values(data).every(isSecret)).toBe(true);
    expect(rest).toMatchObject({ kind: 'Secret', metadata: { name: 'root', namespace: 'demo-store' } });
  });

  test('hold what the seed gives', async () => {
    const { get } = await deployed();
    const { data } = get('Secret demo-store/root').inputs as { data: Record<string, { value: string }> };
    const plain = (key: string) => Buffer.from(data[key]?.value ?? '', 'base64').toString();
    expect(plain('user')).toBe('admin');
    expect(plain('password')).toBe(generate(SEED, generatedPassword(), 0));
  });

  test('stand in no other object, plain or in base64', async () => {
    const { all } = await deployed();
    const password = generate(SEED, generatedPassword(), 0);
    const others = JSON.stringify(all.filter(({ type }) => !type.endsWith(':Secret')));
    for (const canary of [SEED, password, Buffer.from(password).toString('base64')]) {
      expect(others).not.toContain(canary);
    }
    expect(others).not.toContain('1b47061264138c4ac30d75fd1eb44270');
  });

  test('that are rotated change, with the workloads that read them', async () => {
    const { get, all } = await deploy(office(), { rotations: { 'store-root': 2 } });
    const { data } = get('Secret demo-store/root').inputs as { data: Record<string, { value: string }> };
    expect(Buffer.from(data['password']?.value ?? '', 'base64').toString()).toBe(
      generate(SEED, generatedPassword(), 2),
    );
    const marked = all.filter(({ inputs }) => JSON.stringify(inputs).includes('"store-root=2"'));
    expect(marked.map(({ name }) => name)).toEqual(['demo-store/store', expect.stringMatching(/prepare-[0-9a-f]{6}$/)]);
  });
});

describe('objects', () => {
  test('are what was rendered, with annotations for the provider and nothing else', async () => {
    const synthesis = office();
    const { get } = await deploy(synthesis);
    const rendered = synthesis.objects.find(({ manifest }) => manifest.kind === 'StatefulSet')?.manifest;
    const { inputs } = get('StatefulSet demo-store/store');
    const annotations = (inputs as { metadata: { annotations: Record<string, string> } }).metadata.annotations;
    expect(annotations).toEqual({
      ...rendered?.metadata.annotations,
      'pulumi.com/patchFieldManager': 'bouture',
      'pulumi.com/patchForce': 'true',
      'pulumi.com/waitFor': 'jsonpath={.metadata.name}',
    });
    expect(inputs).toEqual({ ...rendered, metadata: { ...rendered?.metadata, annotations } });
  });

  test('have the time to become ready that they ask for', async () => {
    const { get } = await deploy(office(), { timeoutSeconds: 60 });
    expect(get('Service demo-store/store').timeouts.create).toBe('60s');
    expect(get('Deployment demo-server/server').timeouts.create).toBe('900s');
  });

  test('get what only deployment knows in place of its token, inside longer texts too', async () => {
    const { get } = await deploy(office(), { deployTimeValues: { 'backup-role': pulumi.output('office') } });
    expect(JSON.stringify(get('Deployment demo-server/server').inputs)).toContain('"value":"arn:office:x"');
    expect(JSON.stringify(get('Deployment demo-server/server').inputs)).toContain('"value":"text"');
  });

  test('are refused when what only deployment knows is missing', async () => {
    await expect(deploy(office(), { deployTimeValues: {} })).rejects.toThrow(
      'Deployment server: known only at deployment: backup-role',
    );
  });
});
