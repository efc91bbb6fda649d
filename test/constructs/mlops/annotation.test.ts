import { readdirSync } from 'node:fs';
import { packageFile } from '../../../blueprints/package-root';
import {
  AnnotationLoop,
  type AnnotationLoopProps,
  CertificateAuthority,
  PlatformNamespace,
  type Platform,
  RetrainingTrigger,
  type RetrainingTriggerProps,
  synthesize,
} from '../../../constructs';
import { at, listAt, objectOf } from '../../support/objects';
import { type Case, problemsOf, PRODUCTION, testCase, testService } from './fixture';

const URL_OF = 'https://annotation.example.org';

function loop(props: Partial<AnnotationLoopProps> = {}, basis: Case = testCase()) {
  const service = testService(basis);
  new AnnotationLoop(basis.platform, 'annotation', {
    service,
    nomenclature: 'naf2',
    labelStudio: { url: URL_OF },
    sample: { budget: 500 },
    ...props,
  });
  return { ...basis, service };
}

function trigger(props: Partial<RetrainingTriggerProps> = {}, basis: Case = testCase()) {
  const service = testService(basis);
  const namespace = new PlatformNamespace(basis.platform, 'runs', { name: 'demo-runs' });
  new RetrainingTrigger(basis.platform, 'retraining', {
    service,
    training: { namespace, componentName: 'training' },
    accuracy: { required: 0.8 },
    ...props,
  });
  return { ...basis, service };
}

const podOf = (platform: Platform, job: string) =>
  at(objectOf(synthesize(platform), 'CronJob', job), 'spec', 'jobTemplate', 'spec', 'template', 'spec');
const namesOf = (platform: Platform, job: string) =>
  listAt(podOf(platform, job), 'containers', 0, 'env').map((each) => String(at(each, 'name')));

/** The settings file of a program. */
function settingsOf(platform: Platform, name: string): Record<string, unknown> {
  const map = objectOf(synthesize(platform), 'ConfigMap', new RegExp(`^${name}-[0-9a-f]{10}$`));
  return JSON.parse(String(at(map, 'data', 'settings.json'))) as Record<string, unknown>;
}

function foldersOf(platform: Platform, user: string, action: string): string[] {
  const state = objectOf(synthesize(platform), 'ConfigMap', /^minio-provisioning/);
  const { Statement } = JSON.parse(String(at(state, 'data', `policy.${user}.json`))) as {
    Statement: { Effect: string; Action: string[]; Resource: string[] }[];
  };
  return Statement.filter(({ Effect, Action }) => Effect === 'Allow' && Action.includes(action))
    .flatMap(({ Resource }) => Resource)
    .map((resource) => resource.replace('arn:aws:s3:::nace/coding/', ''));
}

describe('AnnotationLoop', () => {
  test('breaks no rule, and no API server refuses an object of it, in either profile', () => {
    expect(problemsOf(loop().platform)).toEqual([]);
    const labelStudio = { url: URL_OF, certificateAuthority: CertificateAuthority.secret('office-ca') };
    expect(problemsOf(loop({ labelStudio }, testCase(PRODUCTION)).platform)).toEqual([]);
  });

  test('samples, pushes and pulls, each with the rights that it needs', () => {
    const { platform } = loop();
    const schedules = ['sample', 'push', 'pull'].map((role) =>
      at(objectOf(synthesize(platform), 'CronJob', `annotation-${role}`), 'spec', 'schedule'),
    );
    expect(schedules).toEqual(['0 5 * * 1', '*/30 * * * *', '10,40 * * * *']);
    expect(at(podOf(platform, 'annotation-pull'), 'containers', 0, 'command')).toEqual([
      ...['python', '-m', 'nace_annotation', 'pull', '--settings', '/etc/settings/settings.json'],
    ]);
    expect(foldersOf(platform, 'annotation-sample', 's3:PutObject')).toEqual(['annotation/*']);
    expect(foldersOf(platform, 'annotation-sample', 's3:GetObject')).toContain('parquet/*');
    expect(foldersOf(platform, 'annotation-pull', 's3:PutObject')).toEqual(['annotation/*', 'gold/*']);
  });

  test('gives the token of Label Studio to those alone who call it, and says who must make it', () => {
    const { platform } = loop();
    expect(namesOf(platform, 'annotation-sample')).not.toContain('LABEL_STUDIO_TOKEN');
    expect(namesOf(platform, 'annotation-push')).toContain('LABEL_STUDIO_TOKEN');
    expect(synthesize(platform).expectedSecrets).toContainEqual({
      namespace: 'demo-annotation',
      name: 'annotation-label-studio',
      keys: ['token'],
      purpose: `token of Label Studio at ${URL_OF}`,
    });
    const egress = (name: string) =>
      JSON.stringify(at(objectOf(synthesize(platform), 'NetworkPolicy', name), 'spec', 'egress'));
    expect(egress('annotation-push')).toContain('"port":443');
    expect(egress('annotation-sample')).not.toContain('"port":443');
  });

  test('reaches a Label Studio of this cluster at its Pods', () => {
    const { platform } = loop({
      labelStudio: { url: 'http://label-studio.user-ann.svc:80', pods: { namespace: 'user-ann', port: 8080 } },
    });
    const egress = at(objectOf(synthesize(platform), 'NetworkPolicy', 'annotation-push'), 'spec', 'egress');
    expect(egress).toContainEqual({
      to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'user-ann' } } }],
      ports: [{ port: 8080, protocol: 'TCP' }],
    });
  });

  test('trusts an authority of Label Studio beside the public ones', () => {
    const labelStudio = { url: URL_OF, certificateAuthority: CertificateAuthority.secret('office-ca') };
    const { platform } = loop({ labelStudio });
    expect(settingsOf(platform, 'annotation-push')['certificateAuthority']).toBe('/tmp/authorities.crt');
    expect(String(at(podOf(platform, 'annotation-push'), 'containers', 0, 'command', 2))).toContain(
      '/etc/authorities/authority-1.crt',
    );
    expect(settingsOf(platform, 'annotation-sample')).not.toHaveProperty('certificateAuthority');
  });

  test('follows a revision, by the concordance that its program has, with the rights to both gold sets', () => {
    const { platform, service } = loop({ revision: { to: 'nace21' } });
    expect(problemsOf(platform)).toEqual([]);
    const job = objectOf(synthesize(platform), 'CronJob', 'annotation-revision');
    expect(at(job, 'spec', 'schedule')).toBe('40 4 * * *');
    expect(at(podOf(platform, 'annotation-revision'), 'containers', 0, 'command', 3)).toBe('revision');
    const concordances = readdirSync(packageFile('workloads', 'nace-coding', 'annotation', 'nace_annotation', 'data'));
    const settings = settingsOf(platform, 'annotation-revision');
    expect(settings['revision']).toEqual({ concordance: 'nace2-nace21', target: 'gold/nace21.parquet' });
    expect(concordances).toContain('nace2-nace21.json');
    expect(service.records?.revisedGoldUrl('nace21')).toBe('s3://nace/coding/gold/nace21.parquet');
    expect(foldersOf(platform, 'annotation-revision', 's3:PutObject')).toEqual(['annotation/*', 'gold/*']);
    // It asks the registry what the model in production gives, and calls Label Studio by the program that pushes alone.
    expect(settings['nomenclature']).toEqual({ alias: 'champion', titles: 'naf2' });
    expect(namesOf(platform, 'annotation-revision')).not.toContain('LABEL_STUDIO_TOKEN');
    expect(() => objectOf(synthesize(loop().platform), 'CronJob', 'annotation-revision')).toThrow();
  });

  test('tells its programs the store, the confidence and the model of the service', () => {
    expect(settingsOf(loop().platform, 'annotation-sample')).toMatchInlineSnapshot(`
      {
        "confidence": {
          "index": "margin",
          "threshold": 0.8,
        },
        "nomenclature": {
          "alias": "champion",
          "titles": "naf2",
        },
        "registry": {
          "model": "nace",
          "url": "http://mlflow.demo-mlflow.svc.cluster.local:5000",
        },
        "sample": {
          "budget": 500,
          "days": 28,
          "queues": [],
          "seed": 0,
          "shares": {
            "coverage": 0.2,
            "disagreement": 0.1,
            "margin": 0.3,
            "random": 0.4,
          },
        },
        "store": {
          "endpoint": "http://minio.demo-minio.svc.cluster.local:9000",
          "region": "us-east-1",
          "url": "s3://nace/coding",
        },
      }
    `);
  });

  test.each<[string, Partial<AnnotationLoopProps>, RegExp]>([
    ['shares that are not 1', { sample: { budget: 1, shares: { random: 0.5 } } }, /are 1 together, .* which are 1.1/],
    [
      'a sample without chance',
      { sample: { budget: 1, shares: { random: 0, margin: 0.7 } } },
      /share random .* above 0/,
    ],
    ['a share above 1', { sample: { budget: 1, shares: { margin: 2 } } }, /share margin .* from 0 to 1, given 2/],
    ['no budget', { sample: { budget: 0 } }, /sample.budget is a whole number from 1/],
    [
      'a queue of the platform',
      { sample: { budget: 1, queues: [{ name: 'general', prefixes: ['A'] }] } },
      /queue "general" is taken/,
    ],
    [
      'a prefix twice',
      {
        sample: {
          budget: 1,
          queues: [
            { name: 'a', prefixes: ['A'] },
            { name: 'b', prefixes: ['A'] },
          ],
        },
      },
      /belongs to two queues/,
    ],
    ['a prefix of no code', { sample: { budget: 1, queues: [{ name: 'a', prefixes: ['a*'] }] } }, /begins no code/],
    ['more annotations than annotators', { rules: { annotators: 1, minimumAnnotations: 2 } }, /from 1 to 1, given 2/],
    ['a long title', { rules: { title: 'Nomenclature of activities' } }, /has 26 characters: expected 1 to 12/],
    ['an address that is none', { labelStudio: { url: 'annotation.example.org' } }, /is none: expected "https/],
  ])('refuses %s', (_, props, message) => {
    expect(() => loop(props)).toThrow(message);
  });

  test('tells no password of an address', () => {
    expect(() => loop({ labelStudio: { url: 'https://ann:hunter2@annotation.example.org' } })).toThrow(
      /^(?!.*hunter2).*\/\/\*\*\*@annotation/,
    );
  });
});

describe('RetrainingTrigger', () => {
  test('breaks no rule, and no API server refuses an object of it, in either profile', () => {
    expect(problemsOf(trigger().platform)).toEqual([]);
    expect(problemsOf(trigger({}, testCase(PRODUCTION)).platform)).toEqual([]);
  });

  test('may create one kind in one namespace, and nothing else anywhere', () => {
    const { platform } = trigger();
    const synthesis = synthesize(platform);
    const role = objectOf(synthesis, 'Role', 'demo-retraining-retraining');
    expect(role.metadata.namespace).toBe('demo-runs');
    expect(role['rules']).toEqual([{ apiGroups: ['argoproj.io'], resources: ['workflows'], verbs: ['create'] }]);
    const bindings = synthesis.objects.filter(({ manifest }) =>
      JSON.stringify(manifest['subjects'] ?? '').includes('"retraining"'),
    );
    expect(bindings.map(({ manifest }) => [manifest.kind, manifest.metadata.namespace])).toEqual([
      ['RoleBinding', 'demo-runs'],
    ]);
    expect(podOf(platform, 'retraining-decide')).toMatchObject({
      serviceAccountName: 'retraining',
      automountServiceAccountToken: true,
    });
  });

  test('reads drift and the gold set, and writes decisions alone', () => {
    const { platform } = trigger();
    expect(foldersOf(platform, 'retraining', 's3:PutObject')).toEqual(['retraining/*']);
    expect(foldersOf(platform, 'retraining', 's3:GetObject').sort()).toEqual(['drift/*', 'gold/*', 'retraining/*']);
  });

  test('calls the API server where it is, and nothing else outside', () => {
    const { platform } = trigger({ apiServer: { cidrs: ['192.0.2.10/32'], ports: [6443] } });
    const egress = listAt(objectOf(synthesize(platform), 'NetworkPolicy', 'retraining'), 'spec', 'egress');
    const outside = egress.filter((rule) => at(rule, 'to', 0, 'ipBlock') !== undefined);
    expect(outside).toEqual([
      { to: [{ ipBlock: { cidr: '192.0.2.10/32' } }], ports: [{ port: 6443, protocol: 'TCP' }] },
    ]);
  });

  test('decides by the confidence of the service, and names the training by its object', () => {
    expect(settingsOf(trigger({ parameters: { reason: 'drift' } }).platform, 'retraining')).toMatchInlineSnapshot(`
      {
        "confidence": {
          "index": "margin",
          "threshold": 0.8,
        },
        "registry": {
          "model": "nace",
          "url": "http://mlflow.demo-mlflow.svc.cluster.local:5000",
        },
        "retraining": {
          "accuracy": {
            "confidence": 0.95,
            "days": 28,
            "minimumRows": 200,
            "of": "automatic",
            "required": 0.8,
          },
          "coolDownDays": 14,
          "minimumAnnotations": 1000,
          "runsPerMonth": 2,
          "sustainedDays": 3,
          "workflow": {
            "namespace": "demo-runs",
            "parameters": {
              "reason": "drift",
            },
            "template": "training",
          },
        },
        "store": {
          "endpoint": "http://minio.demo-minio.svc.cluster.local:9000",
          "region": "us-east-1",
          "url": "s3://nace/coding",
        },
      }
    `);
  });

  test.each<[string, Partial<RetrainingTriggerProps>, RegExp]>([
    ['an accuracy above 1', { accuracy: { required: 80 } }, /accuracy.required is a number from 0 to 1, given 80/],
    ['certainty', { accuracy: { required: 0.8, confidence: 1 } }, /above 0.5 and below 1, given 1/],
    ['no start at all', { runsPerMonth: 0 }, /runsPerMonth is a whole number from 1/],
    ['a schedule that is none', { schedule: '61 * * * *' }, /"61" is no minute/],
  ])('refuses %s', (_, props, message) => {
    expect(() => trigger(props)).toThrow(message);
  });
});
