import { load } from 'js-yaml';
import {
  buildCatalog,
  type CatalogService,
  imagesOf,
  jupyterlabService,
  launch,
  lintChart,
  postgresqlService,
  readPackage,
} from '../../../constructs';
import type { JsonValue } from '../../../constructs/catalog/schema-definition';
import { checkRules, RULES } from '../../../constructs/platform/rules';
import { hostPattern } from '../../../constructs/tenancy/policies/hosts';
import { image } from './fixture';

const postgresql = postgresqlService({ image: image('postgres') });
const jupyter = jupyterlabService({ images: [image('jupyter-python')], customImage: true });
const gpu = jupyterlabService({ images: [image('jupyter-python')], gpus: 2 });
const services = [postgresql, jupyter, gpu].map((service) => [service.name, service] as const);

interface Pod {
  readonly containers: readonly {
    readonly image: string;
    readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[];
    readonly command: readonly string[];
    readonly envFrom?: readonly { readonly secretRef: { readonly name: string } }[];
  }[];
  readonly automountServiceAccountToken?: boolean;
  readonly serviceAccountName?: string;
  readonly volumes: readonly { readonly name: string }[];
}
type Values = { readonly [name: string]: JsonValue };
const made = (
  service: CatalogService,
  values: Values = {},
  options: Omit<NonNullable<Parameters<typeof launch>[1]>, 'values'> = {},
) => {
  const objects = launch(service, { ...options, values });
  const find = (kind: string, name: string) =>
    objects.find((object) => object.kind === kind && object.metadata.name === name);
  const set = find('StatefulSet', 'test') as unknown as { spec: { replicas: number; template: { spec: Pod } } };
  return { objects, find, set: set.spec, pod: set.spec.template.spec };
};

/** Everything that a service can be asked for at once. */
const EVERYTHING: Readonly<Record<string, Values>> = {
  postgresql: {
    database: { name: 'survey', user: 'analyst', password: 'a-password-of-mine' },
    persistence: { keep: true, storageClass: 'fast' },
    networkPolicy: { enabled: true, from: [{ podSelector: { matchLabels: { app: 'x' } } }] },
    nodeSelector: { pool: 'data' },
    tolerations: [{ key: 'a', operator: 'Exists' }],
  },
  'jupyter-python': {
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
  },
};

/** What the platform decides for its own objects and for whole namespaces, and that Secrets hold values. */
const OF_THE_PLATFORM = new Set([
  'default-deny',
  'encrypted-exposure',
  'explicit-namespace',
  'holes-have-twins',
  'holes-lead-somewhere',
  'namespace-guards',
  'no-plain-secret',
  'no-secret-in-files',
  'recommended-labels',
]);

describe.each(services)('%s', (name, service) => {
  test.each([
    ['with its defaults', {}],
    ['with everything on', EVERYTHING[name] ?? {}],
  ])('keeps the rules of the house, %s', (what, values: Values) => {
    const { objects } = made(service, values);
    const rules = RULES.filter(({ id }) => !OF_THE_PLATFORM.has(id));
    expect(rules.length).toBeGreaterThan(30);
    const violations = checkRules({ objects: objects.map((manifest) => ({ manifest })) }, { rules });
    // A notebook installs packages; and who asks for an account of the API gets one.
    const accepted = [
      ...(name.startsWith('jupyter') ? ['read-only-root StatefulSet user-test/test'] : []),
      ...(name === 'jupyter-python' && what === 'with everything on'
        ? ['no-account-token StatefulSet user-test/test', 'no-admin-binding RoleBinding user-test/test']
        : []),
    ];
    const errors = violations.filter(({ level }) => level === 'error');
    expect(errors.map(({ rule, object }) => `${rule} ${object.title}`).sort()).toEqual(accepted.sort());
  });

  test('passes its own linter, without a warning', () => {
    const [, bytes] = [...buildCatalog([service]).files].find(([file]) => file.endsWith('.tgz')) ?? [];
    expect(lintChart(readPackage('x', bytes ?? new Uint8Array()))).toEqual([]);
  });

  test('is paused and resumed', () => {
    expect(made(service).set.replicas).toBe(1);
    expect(made(service, { global: { suspend: true } }).set.replicas).toBe(0);
  });

  test('has no token of the Kubernetes API unless asked', () => {
    expect(made(service).pod.automountServiceAccountToken).toBe(false);
    expect(made(service).pod).not.toHaveProperty('serviceAccountName');
  });

  test('names its images with digests', () => {
    const [, bytes] = [...buildCatalog([service]).files].find(([file]) => file.endsWith('.tgz')) ?? [];
    expect(imagesOf(readPackage('x', bytes ?? new Uint8Array()))).toEqual([expect.stringMatching(/@sha256:/)]);
  });

  test('shows every value that is not hidden under a title in both languages', () => {
    const titles = ['en', 'fr'].map((language) =>
      [...buildCatalog([service], { language: language as 'en' | 'fr' }).files]
        .filter(([file]) => file.endsWith('.tgz'))
        .map(([, bytes]) => readPackage('x', bytes).files.get('values.schema.json')),
    );
    expect(titles[0]).not.toEqual(titles[1]);
  });
});

describe('postgresql', () => {
  test('keeps the password that its Secret has, and gives it to those who find it', () => {
    const live = {
      name: 'test-discovery',
      annotations: { 'onyxia/discovery': 'postgres' },
      data: { 'postgres-password': 'kept-kept-kept-kept' },
    };
    const secret = made(postgresql, {}, { secrets: [live] }).find('Secret', 'test-discovery');
    expect(secret).toMatchObject({
      metadata: { annotations: { 'onyxia/discovery': 'postgres' } },
      stringData: {
        'postgres-service': 'test',
        'postgres-port': '5432',
        'postgres-database': 'defaultdb',
        'postgres-username': 'postgres',
        'postgres-password': 'kept-kept-kept-kept',
      },
    });
  });

  test('is found by a notebook of the same namespace, which copies no password', () => {
    const live = { name: 'db-discovery', annotations: { 'onyxia/discovery': 'postgres' }, data: {} };
    const env = made(jupyter, {}, { secrets: [live] }).pod.containers[0]?.env;
    expect(env).toContainEqual({
      name: 'PGPASSWORD',
      valueFrom: { secretKeyRef: { name: 'db-discovery', key: 'postgres-password', optional: true } },
    });
    expect(made(jupyter).pod.containers[0]?.env.map(({ name }) => name)).not.toContain('PGHOST');
    const off = made(jupyter, { discovery: { postgres: false } }, { secrets: [live] });
    expect(off.pod.containers[0]?.env.map(({ name }) => name)).not.toContain('PGHOST');
  });

  test('takes its volume with it, unless it is to be kept', () => {
    expect(made(postgresql).find('PersistentVolumeClaim', 'test-data')?.metadata).not.toHaveProperty('annotations');
    expect(
      made(postgresql, { persistence: { keep: true } }).find('PersistentVolumeClaim', 'test-data')?.metadata
        .annotations,
    ).toEqual({
      'helm.sh/resource-policy': 'keep',
    });
    expect(
      made(postgresql, { persistence: { enabled: false } }).find('PersistentVolumeClaim', 'test-data'),
    ).toBeUndefined();
  });

  test.each([
    [{ database: { name: 'a; DROP' } }, 'values.database.name: expected a text that matches'],
    [{ persistence: { size: '10Mi' } }, 'values.persistence.size: expected 1Gi to 100Gi, given "10Mi"'],
    [{ databse: {} }, 'values.databse: there is no such value: there are database,'],
  ])('refuses %j', (values, message) => {
    expect(() => launch(postgresql, { values })).toThrow(message);
  });
});

describe('jupyter-python', () => {
  test('has the names of hosts that a space may have, and no Ingress without one', () => {
    const ingress = EVERYTHING['jupyter-python'] ?? {};
    const hosts = made(jupyter, ingress)
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
    const leaks = objects
      .filter(({ kind }) => kind !== 'Secret')
      .filter((object) => JSON.stringify(object).includes(canary));
    expect(leaks).toEqual([]);
    expect(JSON.stringify(objects)).toContain(canary);
  });

  test('restarts when what it was given changes', () => {
    const hash = (values: Values) =>
      (made(jupyter, values).set as unknown as { template: { metadata: { annotations: Record<string, string> } } })
        .template.metadata.annotations;
    expect(hash({})).toEqual(hash({}));
    expect(hash({ s3: { sessionToken: 'new' } })['bouture.dev/s3']).not.toBe(hash({})['bouture.dev/s3']);
  });

  test('has an account of the API when asked, and what it may do there', () => {
    const { pod, find } = made(jupyter, { kubernetes: { enabled: true, role: 'admin' } });
    expect(pod).toMatchObject({ automountServiceAccountToken: true, serviceAccountName: 'test' });
    expect(find('RoleBinding', 'test')).toMatchObject({ roleRef: { kind: 'ClusterRole', name: 'admin' } });
  });

  test('trusts the authorities of the office, mirrors and proxy where there are any', () => {
    const env = made(jupyter, EVERYTHING['jupyter-python']).pod.containers[0]?.env ?? [];
    const variables = Object.fromEntries(env.map(({ name, value }) => [name, value]));
    expect(variables).toMatchObject({
      PIP_INDEX_URL: 'https://pip.example.org',
      UV_DEFAULT_INDEX: 'https://pip.example.org',
      https_proxy: 'http://proxy:3128',
      SSL_CERT_FILE: '/tmp/bouture/ca-bundle.crt',
      PERSONAL_INIT_SCRIPT: 'https://example.org/init.sh',
      A: '1',
    });
    const plain = made(jupyter).pod.containers[0]?.env.map(({ name }) => name);
    expect(plain).toEqual(['JUPYTER_TOKEN', 'ROOT_PROJECT_DIRECTORY', 'PROJECT_USER', 'PROJECT_GROUP']);
  });

  test('takes a script over verified TLS only', () => {
    expect(() => launch(jupyter, { values: { init: { personalInit: 'http://example.org/x.sh' } } })).toThrow(
      'values.init.personalInit',
    );
  });

  test('starts an image of one’s own where that is allowed', () => {
    expect(made(jupyter, EVERYTHING['jupyter-python']).pod.containers[0]?.image).toBe('registry.example.org/mine:1.0');
    expect(made(gpu).pod.containers[0]?.image).toBe(image('jupyter-python').reference);
  });
});
