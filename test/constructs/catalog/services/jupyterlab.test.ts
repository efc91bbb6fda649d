import { load } from 'js-yaml';
import { jupyterlabService, launch, type LaunchOptions } from '../../../../constructs';
import { hostPattern } from '../../../../constructs/tenancy/policies/hosts';
import { image } from '../fixture';
import {
  ACCOUNT,
  brokenRules,
  holdersOf,
  named,
  PGPASSWORD,
  podOf,
  POSTGRES,
  READ_ONLY_ROOT,
  type Values,
} from './support';

const jupyter = jupyterlabService({ images: [image('jupyter-python')], customImage: true });
const gpu = jupyterlabService({ images: [image('jupyter-python')], gpus: 2 });

function made(service = jupyter, values: Values = {}, options: LaunchOptions = {}) {
  const objects = launch(service, { ...options, values });
  const find = (kind: string, name: string) => named(objects, kind, name);
  const { spec: pod, env, variables } = podOf(objects);
  return { objects, find, pod, env, variables };
}

/** Everything that it can be asked for at once. */
const EVERYTHING: Values = {
  security: { password: 'a-password-of-mine' },
  ingress: {
    hostname: 'user-alice-123-0.lab.example.org',
    userHostname: 'user-alice-123-user.lab.example.org',
    ingressClassName: 'traefik',
    useCertManager: true,
    certManagerClusterIssuer: 'office',
  },
  networking: { user: { enabled: true, port: 5001 } },
  kubernetes: { enabled: true, role: 'edit' },
  s3: { endpoint: 's3.example.org', port: 9000, workingDirectoryPath: 'alice' },
  vault: { url: 'https://vault.example.org', secret: 'mine' },
  init: { personalInit: 'https://example.org/init.sh', personalInitArgs: '-v' },
  repository: {
    pipRepository: 'https://pip.example.org',
    condaRepository: 'https://conda.example.org',
    rRepository: 'https://cran.example.org',
    packageManagerUrl: 'https://ppm.example.org',
  },
  proxy: { enabled: true, httpProxy: 'http://proxy:3128', httpsProxy: 'http://proxy:3128', noProxy: '.svc' },
  certificates: { cacerts: 'Q0E=' },
  extraEnvVars: [{ name: 'A', value: '1' }],
  persistence: { enabled: false },
  networkPolicy: { enabled: true },
  service: { image: { isCustom: true, custom: 'registry.example.org/mine:1.0' } },
};

test('keeps the rules of the house with everything on, but for what was asked', () => {
  expect(brokenRules(made(jupyter, EVERYTHING).objects)).toEqual([...ACCOUNT, READ_ONLY_ROOT]);
});

test('finds the PostgreSQL of its namespace, and copies no password', () => {
  expect(made(jupyter, {}, { secrets: [POSTGRES] }).env).toContainEqual(PGPASSWORD);
  expect(made(jupyter).variables).not.toHaveProperty('PGHOST');
  const off = made(jupyter, { discovery: { postgres: false } }, { secrets: [POSTGRES] });
  expect(off.variables).not.toHaveProperty('PGHOST');
});

test('has the names of hosts that a space may have, and no Ingress without one', () => {
  const hosts = made(jupyter, EVERYTHING)
    .objects.filter(({ kind }) => kind === 'Ingress')
    .flatMap((object) => (object['spec'] as { rules: readonly { host: string }[] }).rules.map(({ host }) => host));
  expect(hosts).toHaveLength(2);
  // The policy writes the namespace into its pattern when a request comes.
  const pattern = hostPattern('lab.example.org');
  expect(pattern).toContain('-[a-z0-9]+-[a-z0-9]+');
  for (const host of hosts) expect(host).toMatch(/^user-alice(-[a-z0-9]+-[a-z0-9]+)\.lab\.example\.org$/);
  expect(made(jupyter).objects.filter(({ kind }) => kind === 'Ingress')).toEqual([]);
  const schema = load(JSON.stringify(jupyter.schema)) as {
    properties: { ingress: { properties: Record<string, { onyxia: unknown }> } };
  };
  expect(schema.properties.ingress.properties['hostname']?.onyxia).toEqual({
    hidden: true,
    overwriteDefaultWith: '{{project.id}}-{{k8s.randomSubdomain}}-0.{{k8s.domain}}',
  });
});

test('gives the object store by the names that programs read, from a Secret', () => {
  const { find, pod } = made(jupyter, {
    s3: { endpoint: 's3.example.org', port: 9000, accessKeyId: 'A', workingDirectoryPath: 'alice' },
  });
  expect(find('Secret', 'test-s3')?.['stringData']).toEqual({
    AWS_ACCESS_KEY_ID: 'A',
    AWS_SECRET_ACCESS_KEY: '',
    AWS_SESSION_TOKEN: '',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_S3_ENDPOINT: 's3.example.org:9000',
    AWS_ENDPOINT_URL: 'https://s3.example.org:9000',
    S3_ENDPOINT: 'https://s3.example.org:9000',
    AWS_PATH_STYLE_ACCESS: 'true',
    AWS_WORKING_DIRECTORY_PATH: 'alice',
  });
  expect(pod.containers[0]?.envFrom).toEqual([
    { secretRef: { name: 'test-s3' } },
    { secretRef: { name: 'test-vault' } },
    { secretRef: { name: 'test-git' } },
  ]);
  expect(
    made(jupyter, { s3: { enabled: false }, vault: { enabled: false }, git: { enabled: false } }).pod.containers[0],
  ).not.toHaveProperty('envFrom');
});

test('keeps secrets out of everything but Secrets', () => {
  const canary = 'canary-of-a-secret';
  const { objects } = made(jupyter, {
    security: { password: canary },
    s3: { secretAccessKey: canary, sessionToken: canary },
    vault: { token: canary },
    git: { token: canary },
  });
  const holders = holdersOf(objects, canary);
  expect(holders).toHaveLength(4);
  expect(holders.filter((holder) => !holder.startsWith('Secret '))).toEqual([]);
});

test('restarts when what it was given changes', () => {
  const hash = (values: Values) => {
    const set = made(jupyter, values).find('StatefulSet', 'test')?.['spec'];
    return (set as { template: { metadata: { annotations: Record<string, string> } } }).template.metadata.annotations;
  };
  expect(hash({})).toEqual(hash({}));
  expect(hash({ s3: { sessionToken: 'new' } })['bouture.dev/s3']).not.toBe(hash({})['bouture.dev/s3']);
});

test('has an account of the API when asked, and what it may do there', () => {
  const { pod, find } = made(jupyter, { kubernetes: { enabled: true, role: 'admin' } });
  expect(pod).toMatchObject({ automountServiceAccountToken: true, serviceAccountName: 'test' });
  expect(find('RoleBinding', 'test')).toMatchObject({ roleRef: { kind: 'ClusterRole', name: 'admin' } });
});

test('trusts the authorities of the office, mirrors and proxy where there are any', () => {
  expect(made(jupyter, EVERYTHING).variables).toMatchObject({
    PIP_INDEX_URL: 'https://pip.example.org',
    UV_DEFAULT_INDEX: 'https://pip.example.org',
    https_proxy: 'http://proxy:3128',
    SSL_CERT_FILE: '/tmp/bouture/ca-bundle.crt',
    PERSONAL_INIT_SCRIPT: 'https://example.org/init.sh',
    A: '1',
  });
  const plain = ['JUPYTER_TOKEN', 'ROOT_PROJECT_DIRECTORY', 'PROJECT_USER', 'PROJECT_GROUP'];
  expect(Object.keys(made(jupyter).variables)).toEqual(plain);
});

test('takes a script over verified TLS only', () => {
  expect(() => launch(jupyter, { values: { init: { personalInit: 'http://example.org/x.sh' } } })).toThrow(
    'values.init.personalInit',
  );
});

test('starts an image of one’s own where that is allowed', () => {
  expect(made(jupyter, EVERYTHING).pod.containers[0]?.image).toBe('registry.example.org/mine:1.0');
  expect(made(gpu).pod.containers[0]?.image).toBe(image('jupyter-python').reference);
});
