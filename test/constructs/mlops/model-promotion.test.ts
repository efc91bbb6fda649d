import {
  ArgoWorkflows,
  CertificateAuthority,
  type ModelPromotionProps,
  ModelPromotion,
  type PlatformProps,
  synthesize,
} from '../../../constructs';
import { at, listAt, objectOf } from '../../support/objects';
import { DIGESTED_LOCK, TEST_LOCK, testImages } from '../../support/platform';
import { type Case, problemsOf, testCase, testService } from './fixture';

const REPOSITORY = {
  url: 'https://git.example.org/office/configuration.git',
  token: { secretName: 'git', key: 'token' },
} as const;

/** The images that it takes beside the others'. */
const images = (more: { readonly digest?: string } = {}) =>
  Object.fromEntries(
    ['argo-workflows', 'nace-annotation', 'nace-training'].map((name) => {
      const origin = { licence: 'Apache-2.0', source: 'https://example.org', build: name };
      return [name, { repository: `bouture/${name}`, tag: '1.0.0', ...origin, ...more }] as const;
    }),
  );
const PILOT: Partial<PlatformProps> = {
  images: testImages({ lock: { ...TEST_LOCK, ...images() } }),
};
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const PRODUCTION: Partial<PlatformProps> = {
  profile: 'production',
  images: testImages({
    lock: {
      ...DIGESTED_LOCK,
      ...images({ digest: DIGEST }),
    },
    requireDigest: true,
  }),
};

function promotion(props: Partial<ModelPromotionProps> = {}, basis: Case = testCase(PILOT)) {
  const engine = new ArgoWorkflows(basis.platform, 'argo', {});
  const service = testService(basis, { model: { name: 'nace', version: 1 } });
  new ModelPromotion(basis.platform, 'promotion', { service, engine, repository: REPOSITORY, ...props });
  return basis.platform;
}

const template = (platform: Case['platform'], name: string, step: string) =>
  listAt(objectOf(synthesize(platform), 'WorkflowTemplate', name), 'spec', 'templates').find(
    (each) => at(each, 'name') === step,
  );
const settingsOf = (platform: Case['platform'], name: string) =>
  JSON.parse(
    String(
      at(objectOf(synthesize(platform), 'ConfigMap', new RegExp(`^${name}-[0-9a-f]{10}$`)), 'data', 'settings.json'),
    ),
  ) as unknown;

test('breaks no rule, and no API server refuses an object of it, in either profile', () => {
  expect(problemsOf(promotion())).toEqual([]);
  const repository = { ...REPOSITORY, certificateAuthority: CertificateAuthority.secret('office-ca') };
  expect(problemsOf(promotion({ repository }, testCase(PRODUCTION)))).toEqual([]);
});

test('what the comparison says goes to the commit, also when it is no', () => {
  const platform = promotion();
  const compare = template(platform, 'promotion', 'compare');
  expect(listAt(compare, 'container', 'command').slice(0, 3)).toEqual([
    ...['sh', '-ec'],
    '"$@" > /tmp/verdict.json || { test -s /tmp/verdict.json || exit 1; }',
  ]);
  expect(listAt(compare, 'container', 'command')).toEqual(expect.arrayContaining(['promote', '--dry-run', 'nace']));
  expect(listAt(compare, 'outputs', 'parameters')).toEqual([
    { name: 'verdict', valueFrom: { path: '/tmp/verdict.json' } },
  ]);
  const commit = template(platform, 'promotion', 'commit');
  expect(listAt(commit, 'container', 'command').join(' ')).toContain(
    'nace_annotation promote-commit --settings /etc/settings/settings.json --verdict /tmp/verdict.json',
  );
  expect(listAt(commit, 'container', 'env')).toContainEqual({
    name: 'VERDICT',
    value: '{{inputs.parameters.verdict}}',
  });
});

test('the commit changes the version where the configuration has it, with a token by reference', () => {
  const platform = promotion({ minimumGain: 0.01, shadow: { days: 7, minimumRows: 500, minimumAnnotated: 20 } });
  expect(settingsOf(platform, 'promotion')).toMatchObject({
    registry: { model: 'nace' },
    promotion: {
      file: 'config.yaml',
      version: ['coding', 'serves', 'version'],
      minimumGain: 0.01,
      shadow: { days: 7, minimumRows: 500, minimumAnnotated: 20 },
      git: { url: REPOSITORY.url, branch: 'main' },
    },
  });
  const token = { secretKeyRef: { name: 'git', key: 'token' } };
  for (const name of ['promotion', 'promotion-rollback']) {
    expect(listAt(template(platform, name, 'commit'), 'container', 'env')).toContainEqual({
      name: 'GIT_TOKEN',
      valueFrom: token,
    });
  }
  expect(synthesize(platform).expectedSecrets).toContainEqual(
    expect.objectContaining({ namespace: 'demo-argo-runs', name: 'git', keys: ['token'] }),
  );
});

test('nobody promotes or rolls back without a name', () => {
  const parameters = (name: string) =>
    listAt(objectOf(synthesize(promotion()), 'WorkflowTemplate', name), 'spec', 'arguments', 'parameters');
  expect(parameters('promotion')).toContainEqual({ name: 'by', value: '' });
  expect(parameters('promotion-rollback')).toEqual([
    { name: 'by', value: '' },
    { name: 'reason', value: '' },
  ]);
});

test('the way to the host of Git is the only one out of the cluster', () => {
  const egress = (props: Partial<ModelPromotionProps>) =>
    listAt(objectOf(synthesize(promotion(props)), 'NetworkPolicy', 'promotion-rollback-steps'), 'spec', 'egress');
  expect(egress({ repository: { ...REPOSITORY, hosts: { cidrs: ['192.0.2.0/24'] } } })).toContainEqual({
    to: [{ ipBlock: { cidr: '192.0.2.0/24' } }],
    ports: [{ port: 443, protocol: 'TCP' }],
  });
  const pods = { namespace: 'forge', podLabels: { app: 'git' }, port: 8443 };
  const inside = egress({ repository: { ...REPOSITORY, pods } });
  expect(JSON.stringify(inside)).toContain('"app":"git"');
  expect(JSON.stringify(inside)).toContain('8443');
});

test.each<[string, Partial<ModelPromotionProps>, RegExp]>([
  [
    'an address without TLS',
    { repository: { ...REPOSITORY, url: 'http://git.example.org/a.git' } },
    /none that commits/,
  ],
  [
    'credentials in the address',
    { repository: { ...REPOSITORY, url: 'https://me:pass@git.example.org/a.git' } },
    /\*\*\*@/,
  ],
  ['a branch that is none', { repository: { ...REPOSITORY, branch: 'a..b' } }, /branch "a\.\.b"/],
  ['an author that is none', { repository: { ...REPOSITORY, author: 'Ada' } }, /author "Ada"/],
  ['a file outside the repository', { file: '../config.yaml' }, /file "\.\.\/config\.yaml"/],
  ['a gain above one', { minimumGain: 2 }, /minimumGain/],
])('%s is refused', (_, props, message) => {
  expect(() => promotion(props)).toThrow(message);
});
