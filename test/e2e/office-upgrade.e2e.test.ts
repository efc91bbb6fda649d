import { exampleFiles } from '../../cli/catalog/example';
import { ROOT, run } from './support/commands';
import { PackedOffice } from './support/packed-office';
import { libraryBeforePrograms, previousLibrary } from './support/previous';

const NOTICE = `import type { Construct } from 'constructs';
import { Component, k8s, Layer } from 'bouture';

/** What this office tells whoever looks. */
export class Notice extends Component {
  constructor(scope: Construct, id: string) {
    super(scope, id, Layer.WORKLOADS);
    new k8s.KubeConfigMap(this, 'text', {
      metadata: { name: 'notice', namespace: this.namespace.name },
      data: { text: 'ask methods@example.org' },
    });
  }
}
`;

const PROGRAM = `import { MinioTenant, override } from 'bouture';
import { defineOffice } from 'bouture/blueprints';
import { Notice } from './parts/notice';
import { greeter } from './services/greeter';

export default defineOffice({
  extend: ({ scope, platform }) => {
    new Notice(scope, 'notice');
    platform.part(MinioTenant).addBucket('surveys', { versioning: true });
  },
  overrides: [
    override(
      { kind: 'Deployment', namespace: 'stats-mlflow', name: 'mlflow' },
      { spec: { template: { spec: { nodeSelector: { disk: 'ssd' } } } } },
    ),
  ],
  services: [greeter],
  branding: { tabTitle: 'Statistics' },
});
`;

/** Files that are the office's own: an upgrade changes none of them. */
const OWN = [
  'config.yaml',
  'office.ts',
  'main.ts',
  'parts/notice.ts',
  'services/greeter.ts',
  'Pulumi.yaml',
  'tsconfig.json',
];

describe('a folder that the last version made, with parts of the office’s own', () => {
  const office = new PackedOffice('stats');
  let own: readonly string[] = [];

  /** What of the office’s own is rendered. */
  const additions = () => ({
    construct: office.read('charts-out/stats/40-workloads/notice.k8s.yaml').includes('ask methods@example.org'),
    bucket: office.read('charts-out/stats/20-foundations/minio.k8s.yaml').includes('surveys\ton'),
    override: office.read('charts-out/stats/30-platform/mlflow.k8s.yaml').includes('disk: ssd'),
    service: office.read('charts-out/stats/30-platform/catalog.k8s.yaml').includes('greeter-1.0.0.tgz'),
    branding: /name: TAB_TITLE\n +value: Statistics/.test(office.read('charts-out/stats/30-platform/onyxia.k8s.yaml')),
    setting: office.read('charts-out/stats/20-foundations/minio.k8s.yaml').includes('storage: 7Gi'),
  });
  const ALL = { construct: true, bucket: true, override: true, service: true, branding: true, setting: true };

  beforeAll(async () => {
    const { folder } = await previousLibrary();
    await office.make(folder, '--from', 'sspcloud');
    await office.install(folder);
    office.write('config.yaml', `${office.read('config.yaml').replace('volumeSize: 5Gi', 'volumeSize: 7Gi')}# ours\n`);
    office.write('parts/notice.ts', NOTICE);
    office.write('services/greeter.ts', exampleFiles('x').get('services/greeter.ts') ?? '');
    office.write('office.ts', PROGRAM);
    await office.script('synth');
    expect(additions()).toEqual(ALL);
    own = OWN.map((path) => office.read(path));
    await office.install(ROOT);
  });

  afterAll(() => {
    office.remove();
  });

  test('compiles, is valid and has all of them after the upgrade', async () => {
    expect(await office.attempt('types')).toMatchObject({ code: 0, stdout: '' });
    await office.script('validate');
    await office.script('synth');
    expect(additions()).toEqual(ALL);
    expect((await office.script('check')).stdout).toMatch(/up to date/);
  });

  test('keeps every file of its own as it was', () => {
    expect(OWN.map((path) => office.read(path))).toEqual(own);
  });

  test.each<[string, string, (text: string) => string, string, RegExp]>([
    [
      'a setting that has another name now',
      'config.yaml',
      (text) => text.replace('secrets:\n', 'vault:\n'),
      'validate',
      /config\.yaml:\d+:\d+\s+vault[^]*secrets/,
    ],
    [
      'an object that is rendered no longer',
      'office.ts',
      (text) => text.replace("name: 'mlflow' }", "name: 'mlflow-server' }"),
      'synth',
      /office\.ts\s+overrides\s+override of Deployment stats-mlflow\/mlflow-server: there is no such object; the nearest of its kind are Deployment stats-mlflow\/mlflow,/,
    ],
    [
      'an import that is gone',
      'office.ts',
      (text) => text.replaceAll('MinioTenant', 'MinioTennant'),
      'types',
      /office\.ts\(1,10\): error TS2724: .*no exported member named 'MinioTennant'. Did you mean 'MinioTenant'\?/,
    ],
    [
      'a part that the configuration has no longer',
      'office.ts',
      (text) => text.replaceAll('MinioTenant', 'ExternalObjectStore'),
      'synth',
      /office\.ts:\d+:\d+\s+the platform "stats" has no ExternalObjectStore: its configuration leaves the section out/,
    ],
  ])('%s is told with the remedy, and charts-out stays', async (_what, path, change, script, message) => {
    const before = office.read(path);
    const charts = additions();
    try {
      office.write(path, change(before));
      const { code, output } = await office.attempt(script);
      expect(output).toMatch(message);
      expect(code).toBe(2);
      expect(additions()).toEqual(charts);
    } finally {
      office.write(path, before);
    }
  });
});

describe('a folder of the time before offices had programs, with a construct in its Pulumi program', () => {
  const office = new PackedOffice('stats');
  const render = () =>
    run('node', ['--require', 'ts-node/register/transpile-only', 'render.ts'], { cwd: office.folder });

  beforeAll(async () => {
    const { folder } = await libraryBeforePrograms();
    await office.make(folder);
    await office.install(folder);
    office.write('parts/notice.ts', NOTICE);
    office.write(
      'platform.ts',
      `import { resolve } from 'node:path';
import { synthesize } from 'bouture';
import { composeFromConfig } from 'bouture/blueprints';
import { Notice } from './parts/notice';

export function platform(config = 'config.yaml') {
  const composed = composeFromConfig(resolve(__dirname, config));
  new Notice(composed, 'notice');
  return synthesize(composed);
}
`,
    );
    office.write(
      'main.ts',
      `import { platformProgram } from 'bouture/stacks';
import { platform } from './platform';

module.exports = () => platformProgram((config) => platform(config));
`,
    );
    office.write(
      'render.ts',
      `import { platform } from './platform';

for (const { manifest } of platform().objects) console.log(manifest.kind, manifest.metadata.namespace, manifest.metadata.name);
`,
    );
    expect((await render()).stdout).toContain('ConfigMap stats-notice notice\n');
    await office.install(ROOT);
  });

  afterAll(() => {
    office.remove();
  });

  test('is valid, compiles and has it after the upgrade', async () => {
    await office.script('validate');
    await run('npx', ['--no-install', 'tsc', '--noCheck', 'false'], { cwd: office.folder });
    expect((await render()).stdout).toContain('ConfigMap stats-notice notice\n');
  });
});
