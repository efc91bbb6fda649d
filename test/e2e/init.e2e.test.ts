import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, run } from './support/commands';
import { PackedOffice } from './support/packed-office';

const office = new PackedOffice('my-office');

beforeAll(async () => {
  await office.make(ROOT);
  await office.install(ROOT);
});

afterAll(() => {
  office.remove();
});

test('an office’s folder passes its checks as it was made, with the packed library', async () => {
  expect((await office.script('check')).stdout).toMatch(/config\.yaml: valid\n[^]*charts-out: up to date/);
  expect((await office.script('diff')).stdout).toBe('charts-out/my-office: no changes\n');
  const rendered = readdirSync(join(office.folder, 'charts-out/my-office'), { recursive: true, encoding: 'utf8' });
  expect(rendered).toEqual(
    expect.arrayContaining(['10-namespaces/minio.k8s.yaml', '30-platform/mlflow.k8s.yaml', 'SECRETS.md']),
  );
});

test('its CI refuses a configuration that is unsound, charts that are stale, and a program that does not compile', async () => {
  const sound = office.read('config.yaml');
  const program = office.read('office.ts');
  try {
    office.write('config.yaml', sound.replace('volumeSize: 2Gi', 'volumeSize: 3Gi'));
    expect((await office.attempt('check')).code).toBe(1);
    expect((await office.script('diff')).stdout).toMatch(/2Gi -> 3Gi/);
    office.write('config.yaml', sound.replace('profile: pilot', 'profil: pilot'));
    expect((await office.attempt('check')).code).toBe(2);
    office.write('config.yaml', sound);
    office.write('office.ts', program.replace('extend:', 'extends:'));
    expect(await office.attempt('check')).toMatchObject({
      code: 2,
      stdout: expect.stringContaining('office.ts(') as unknown,
    });
  } finally {
    office.write('config.yaml', sound);
    office.write('office.ts', program);
  }
});

test('pulumi previews its program', async () => {
  const env = {
    PULUMI_BACKEND_URL: `file://${join(office.folder, '..')}`,
    PULUMI_CONFIG_PASSPHRASE: 'office',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
  };
  const at = { cwd: office.folder, env };
  await run('pulumi', ['stack', 'init', 'preview'], at);
  await run('pulumi', ['config', 'set', '--secret', 'bouture:seed', '--stack', 'preview'], {
    ...at,
    input: randomBytes(32).toString('base64'),
  });
  const { output } = await run(
    'pulumi',
    ['preview', '--non-interactive', '--stack', 'preview', '--policy-pack', 'node_modules/bouture/policy'],
    at,
  );
  expect(output).toMatch(/platform *: "my-office"/);
  expect(Number(/\+ (\d+) to create/.exec(output)?.[1])).toBeGreaterThan(40);
});

test('it is deployed from its folder, with what its program adds; a second time changes nothing; and is removed again', async () => {
  const bouture = (...args: readonly string[]) =>
    run('npx', ['--no-install', 'bouture', ...args], { cwd: office.folder, timeoutSeconds: 900 });
  office.write(
    'office.ts',
    `import { override } from 'bouture';
import { defineOffice } from 'bouture/blueprints';
export default defineOffice({
  overrides: [override({ kind: 'Namespace', name: 'my-office-mlflow' }, { metadata: { labels: { 'example.org/owner': 'methods' } } })],
});
`,
  );
  try {
    expect((await bouture('up', 'config.yaml')).stdout).toMatch(/MLflow/);
    const label = [
      'get',
      'namespace',
      'my-office-mlflow',
      '--output',
      String.raw`jsonpath={.metadata.labels.example\.org/owner}`,
    ];
    expect((await run('kubectl', label)).stdout).toBe('methods');
    expect((await bouture('up', 'config.yaml')).stdout).toMatch(/nothing changed/);
  } finally {
    await bouture('down', 'config.yaml', '--delete-data');
  }
});
