import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { loadConfig } from '../../blueprints/load';
import { clusterResults, run } from '../../cli/commands/doctor';
import { ApiError, type ClusterApi } from '../../cli/doctor/api';
import { TESTED_MINORS } from '../../cli/doctor/cluster';
import { checkKubeconfig, checkMachine } from '../../cli/doctor/machine';
import { type Needs, needsOf } from '../../cli/doctor/needs';
import { checkImages } from '../../cli/doctor/registry';
import { describeResults, type Result } from '../../cli/doctor/result';
import { synthesize } from '../../constructs';
import { schemaMinors } from '../../tools/schemas/validator';
import { capture } from './capture';

const CONFIG = join(__dirname, '../../blueprints/minimal/config.yaml');

function minimalNeeds(): Needs {
  const loaded = loadConfig(CONFIG);
  const platform = loaded.compose();
  return needsOf(platform, synthesize(platform), Object.keys(loaded.images));
}

const needs = minimalNeeds();
const resources = (...kinds: readonly string[]) => ({
  resources: kinds.map((kind) => ({ kind, name: `${kind.toLowerCase()}s` })),
});
const pod = (name: string, ready: boolean) => ({
  metadata: { name },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
const DNS_PATH = '/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dkube-dns';

/** A cluster that offers all that the minimal blueprint needs. */
const SOUND: Readonly<Record<string, unknown>> = {
  '/version': { gitVersion: 'v1.34.4', minor: '34' },
  '/api/v1': resources('ConfigMap', 'LimitRange', 'Namespace', 'ResourceQuota', 'Secret', 'Service', 'ServiceAccount'),
  '/apis/apps/v1': resources('Deployment', 'StatefulSet'),
  '/apis/batch/v1': resources('CronJob', 'Job'),
  '/apis/networking.k8s.io/v1': resources('NetworkPolicy', 'Ingress'),
  [DNS_PATH]: { items: [pod('coredns-1', true)] },
  '/api/v1/namespaces/kube-system/pods': { items: [pod('calico-node-x', true)] },
  '/apis/apps/v1/daemonsets': { items: [] },
  '/apis/storage.k8s.io/v1/storageclasses': {
    items: [
      { metadata: { name: 'fast' } },
      { metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } } },
    ],
  },
  '/api/v1/nodes': { items: [{ status: { allocatable: { cpu: '4', memory: '16Gi' } } }] },
};

function cluster(
  changes: Readonly<Record<string, unknown>> = {},
  denied: (attributes: Record<string, string>) => boolean = () => false,
): ClusterApi {
  const answers: Readonly<Record<string, unknown>> = { ...SOUND, ...changes };
  return {
    get: (path) => (answers[path] instanceof Error ? Promise.reject(answers[path]) : Promise.resolve(answers[path])),
    post: (_path, body) => {
      const { spec } = body as { spec: { resourceAttributes: Record<string, string> } };
      return Promise.resolve({ status: { allowed: !denied(spec.resourceAttributes) } });
    },
  };
}

const told = async (api: ClusterApi, wanted: Needs | undefined = needs) =>
  (await clusterResults(api, wanted)).map(({ level, title, detail }) => `${level} ${title}: ${detail}`);
const wrong = async (api: ClusterApi, wanted: Needs | undefined = needs) =>
  (await told(api, wanted)).filter((line) => !line.startsWith('ok'));

describe('a cluster', () => {
  const READINGS = '/apis/metrics.k8s.io/v1beta1/nodes';
  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['tells the use of its nodes', { [READINGS]: { items: [{}, {}] } }, 'ok metrics.k8s.io: readings of 2 nodes'],
    ['has nothing that tells it', {}, 'fail metrics.k8s.io: no readings of any node'],
    [
      'has a server of it that is away',
      { [READINGS]: new ApiError(503, READINGS) },
      'fail metrics.k8s.io: no readings',
    ],
    ['has one that knows no node yet', { [READINGS]: { items: [] } }, 'fail metrics.k8s.io: no readings of any node'],
    [
      'does not let this user look',
      { [READINGS]: new ApiError(403, READINGS) },
      'warn metrics.k8s.io: this user may not',
    ],
  ])('that %s is told where something scales itself', async (_, changes, expected) => {
    const found = await told(cluster(changes), { ...needs, autoscaled: ['bouture-coding/coding'] });
    expect(found.filter((line) => line.includes('metrics.k8s.io'))).toEqual([expect.stringContaining(expected)]);
  });

  test('that tells the use of nothing is well where nothing scales itself', async () => {
    expect((await told(cluster())).join()).not.toContain('metrics.k8s.io');
  });

  test('that offers everything is well', async () => {
    expect(await told(cluster())).toEqual([
      'ok Kubernetes version: v1.34.4',
      expect.stringMatching(/^ok permissions: this user may read, make, change and delete all \d+ kinds$/),
      'ok DNS: 1 ready Pods labelled k8s-app=kube-dns in kube-system',
      'ok NetworkPolicy engine: calico-node-x',
      'ok namespaces: 3 to make, 0 of this platform already',
      'ok StorageClass: standard, the default one',
      expect.stringMatching(/^ok capacity: asks for [\d.]+ CPU and [\d.]+ GiB of 4.0 CPU and 16.0 GiB on 1 nodes$/),
    ]);
  });

  test('can be looked at without a configuration', async () => {
    expect(await wrong(cluster(), undefined)).toEqual([]);
  });

  test.each([
    ['1.29', 'fail Kubernetes version: v1.29 is too old'],
    ['1.99', 'warn Kubernetes version: v1.99 is newer than what was tested'],
  ])('of version %s is told', async (version, expected) => {
    const answer = { gitVersion: `v${version}`, minor: `${version.split('.')[1] ?? ''}+` };
    expect(await wrong(cluster({ '/version': answer }))).toEqual([expected]);
  });

  test('in which this user may not do everything is told, with the first of what is missing', async () => {
    const denied = ({ verb, resource }: Record<string, string>) => verb === 'delete' && resource === 'networkpolicys';
    expect(await wrong(cluster({}, denied))).toEqual([
      'fail permissions: this user may not delete networkpolicys in bouture-minio, delete networkpolicys in bouture-mlflow, delete networkpolicys in bouture-postgres',
    ]);
  });

  test('without a kind that the platform makes is told who provides it', async () => {
    const kinds = [...needs.kinds, { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', namespaces: ['a'] }];
    const results = await clusterResults(cluster(), { ...needs, kinds });
    expect(results.filter(({ level }) => level === 'fail')).toEqual([
      {
        level: 'fail',
        title: 'API cert-manager.io/v1',
        detail: 'the cluster has no Certificate',
        remedy: expect.stringContaining('install cert-manager') as string,
      },
    ]);
  });

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    [
      'DNS that is not ready',
      { [DNS_PATH]: { items: [pod('coredns', false)] } },
      'fail DNS: no ready Pod labelled k8s-app=kube-dns in kube-system',
    ],
    [
      'Pods that may not be seen',
      { [DNS_PATH]: new ApiError(403, '') },
      'warn DNS: this user may not see Pods in kube-system',
    ],
    [
      'no policy engine',
      { '/api/v1/namespaces/kube-system/pods': { items: [] } },
      'warn NetworkPolicy engine: none that is known here',
    ],
    [
      'no default StorageClass',
      { '/apis/storage.k8s.io/v1/storageclasses': { items: [{ metadata: { name: 'slow' } }] } },
      'fail StorageClass: the cluster has no default one',
    ],
    [
      'a namespace of others',
      { '/api/v1/namespaces/bouture-minio': { metadata: { labels: {} } } },
      'fail namespaces: bouture-minio exist already and belong to others',
    ],
    [
      'small nodes',
      { '/api/v1/nodes': { items: [{ status: { allocatable: { cpu: '100m', memory: '1Gi' } } }] } },
      'fail capacity: ',
    ],
  ])('with %s is told', async (_what, changes, expected) => {
    expect(await wrong(cluster(changes))).toEqual([expect.stringContaining(expected)]);
  });

  test('that has this platform already is well', async () => {
    const namespace = { metadata: { labels: { 'app.kubernetes.io/part-of': 'bouture' } } };
    expect(await told(cluster({ '/api/v1/namespaces/bouture-minio': namespace }))).toContain(
      'ok namespaces: 2 to make, 1 of this platform already',
    );
  });

  test('is asked for the classes, Gateways and issuers that the objects name', async () => {
    const more = {
      ...needs,
      storageClasses: ['gold', 'fast'],
      ingressClasses: ['traefik'],
      gatewayClasses: ['istio'],
      gateways: ['gateway/main'],
      clusterIssuers: ['letsencrypt'],
    };
    expect(await wrong(cluster(), more)).toEqual([
      'fail StorageClass: there is no gold',
      'fail IngressClass: there is no traefik',
      'fail GatewayClass: there is no istio',
      'fail Gateway: there is no gateway/main',
      'fail ClusterIssuer: there is no letsencrypt',
    ]);
    const paths = [
      '/apis/networking.k8s.io/v1/ingressclasses/traefik',
      '/apis/gateway.networking.k8s.io/v1/gatewayclasses/istio',
      '/apis/gateway.networking.k8s.io/v1/namespaces/gateway/gateways/main',
      '/apis/cert-manager.io/v1/clusterissuers/letsencrypt',
    ];
    const present = cluster(Object.fromEntries(paths.map((path) => [path, {}])));
    expect(await wrong(present, { ...more, storageClasses: ['fast'] })).toEqual([]);
  });

  test('is asked for the Secrets that somebody else makes, with their keys', async () => {
    const secret = (name: string) => ({ namespace: 'a', name, keys: ['tls.crt', 'tls.key'], purpose: 'certificate' });
    const more = { ...needs, expectedSecrets: ['whole', 'half', 'none', 'hidden'].map(secret) };
    const api = cluster({
      '/api/v1/namespaces/a/secrets/whole': { data: { 'tls.crt': 'eA==', 'tls.key': 'eA==' } },
      '/api/v1/namespaces/a/secrets/half': { data: { 'tls.crt': 'eA==' } },
      '/api/v1/namespaces/a/secrets/hidden': new ApiError(403, ''),
    });
    expect(await wrong(api, more)).toEqual([
      'fail Secret: a/half lacks tls.key',
      'fail Secret: there is no a/none',
      'warn Secret: this user may not see a/hidden',
    ]);
  });

  test('the versions that pass are those that manifests are validated for', () => {
    const minors = schemaMinors().map((minor) => Number(minor.split('.')[1]));
    expect(TESTED_MINORS).toEqual({ oldest: Math.min(...minors), newest: Math.max(...minors) });
  });
});

describe('what a platform needs', () => {
  test('is read from its objects', () => {
    expect(needs.namespaces).toEqual(['bouture-minio', 'bouture-mlflow', 'bouture-postgres']);
    expect(needs.storageClasses).toEqual([undefined]);
    expect(needs.kinds).toContainEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      namespaces: expect.arrayContaining(['bouture-minio', 'bouture-mlflow', 'bouture-postgres']) as string[],
    });
    expect(needs.requests.cpu).toBeGreaterThan(0.1);
    expect(needs.requests.memory).toBeGreaterThan(2 ** 28);
    expect(needs.images.length).toBeGreaterThan(2);
  });
});

describe('a machine', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'bouture-doctor-test-'));
    for (const name of ['kubectl', 'pulumi']) writeFileSync(join(folder, name), '');
    writeFileSync(join(folder, 'kubeconfig'), '');
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const levels = (results: readonly Result[]) => results.map(({ level, title }) => `${level} ${title}`);

  test('with the programs on its PATH is well', () => {
    const path = ['/nowhere', folder].join(delimiter);
    expect(levels(checkMachine({ PATH: path }, 'v20.19.0'))).toEqual(['ok Node.js', 'ok kubectl', 'ok pulumi']);
  });

  test('without them, or with an old Node.js, is told', () => {
    expect(levels(checkMachine({ PATH: '/nowhere' }, 'v20.18.9'))).toEqual([
      'fail Node.js',
      'fail kubectl',
      'fail pulumi',
    ]);
    expect(levels(checkMachine({}, 'v22.1.0'))[0]).toBe('ok Node.js');
  });

  test('needs a kubeconfig that exists', () => {
    expect(checkKubeconfig({ KUBECONFIG: join(folder, 'kubeconfig') }).level).toBe('ok');
    expect(checkKubeconfig({ KUBECONFIG: join(folder, 'none') }).level).toBe('fail');
    expect(checkKubeconfig({}).remedy).toContain('bouture cluster up');
  });
});

describe('images', () => {
  let server: Server;
  let host: string;
  beforeAll(async () => {
    server = createServer(({ method, url, headers }, response) => {
      const found =
        method === 'HEAD' && url === '/v2/team/app/manifests/1' && headers.accept?.includes('oci.image') === true;
      response.writeHead(found ? 200 : url?.includes('private') === true ? 403 : 404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
  });

  test('are looked up in their registry', async () => {
    expect(await checkImages([`${host}/team/app:1`])).toEqual([
      { level: 'ok', title: 'images', detail: '1 in their registries' },
    ]);
  });

  test('that a registry does not have fail; registries that cannot be asked are warned of', async () => {
    const results = await checkImages([`${host}/team/app:2`, `${host}/private/app:1`, '127.0.0.1:1/a:1']);
    expect(results.map(({ level, detail }) => [level, detail])).toEqual([
      ['fail', `the registry has no ${host}/team/app:2`],
      ['warn', `${host}/private/app:1: the registry wants credentials`],
      ['warn', expect.stringMatching(/^127.0.0.1:1\/a:1: the registry does not answer from here/)],
    ]);
  });
});

describe('bouture doctor', () => {
  const saved = { ...process.env };
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bouture-doctor-run-'));
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'kubeconfig'), '');
    writeFileSync(join(folder, 'bin/kubectl'), '#!/bin/sh\necho "no route to the cluster" >&2\nexit 1\n');
    chmodSync(join(folder, 'bin/kubectl'), 0o755);
    process.env['BOUTURE_CACHE'] = join(folder, 'cache');
    process.env['PATH'] = `${join(folder, 'bin')}${delimiter}/bin`;
    process.env['KUBECONFIG'] = join(folder, 'kubeconfig');
  });
  afterEach(() => {
    process.env = { ...saved };
    rmSync(folder, { recursive: true });
  });

  test('exits 1 and says what kubectl says when the cluster cannot be reached', async () => {
    const { code, out } = await capture(run, []);
    expect(code).toBe(1);
    expect(out).toContain('fail  cluster: cannot be reached: no route to the cluster\n      remedy: ');
    expect(out).toMatch(/\n\d+ ok, 0 warnings, \d+ failures\n$/);
  });

  test('asks nothing of a cluster when there is no kubeconfig', async () => {
    process.env['KUBECONFIG'] = join(folder, 'none');
    const { code, out } = await capture(run, []);
    expect(code).toBe(1);
    expect(out).toContain('fail  kubeconfig: there is no ');
    expect(out).not.toContain('cluster:');
  });

  test('exits 2 on a bad configuration', async () => {
    expect((await capture(run, ['/does/not/exist.yaml'])).code).toBe(2);
  });
});

test('results are lines with their remedies', () => {
  const results: Result[] = [
    { level: 'ok', title: 'a', detail: 'b' },
    { level: 'fail', title: 'c', detail: 'd', remedy: 'e' },
  ];
  expect(describeResults(results)).toBe('ok    a: b\nfail  c: d\n      remedy: e\n\n1 ok, 0 warnings, 1 failures\n');
});
