import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { attempt, ROOT, run } from './support/commands';

/** A folder outside the repository, so that nothing of the repository's own dependencies is in reach. */
const root = mkdtempSync(join(tmpdir(), 'bouture-office-'));
const office = join(root, 'my-office');

const npm = (args: readonly string[], cwd: string) => run('npm', args, { cwd, timeoutSeconds: 900 });

/** Makes the office depend on the packed library rather than on a published one. */
function dependOn(tarball: string): void {
  const file = join(office, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { dependencies: Record<string, string> };
  manifest.dependencies['bouture'] = `file:${tarball}`;
  writeFileSync(file, JSON.stringify(manifest));
}

beforeAll(async () => {
  const { stdout } = await npm(['pack', '--ignore-scripts', '--silent', '--pack-destination', root], ROOT);
  await run('node', [join(ROOT, 'bin/bouture.js'), 'init', office]);
  dependOn(join(root, stdout.trim()));
  await npm(['install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'], office);
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

test('an office’s folder validates and renders with the packed library', async () => {
  expect((await npm(['run', '--silent', 'validate'], office)).stdout).toBe('config.yaml: valid\n');
  await npm(['run', '--silent', 'synth'], office);
  const rendered = readdirSync(join(office, 'charts-out/my-office'), { recursive: true, encoding: 'utf8' });
  expect(rendered).toEqual(
    expect.arrayContaining(['10-namespaces/minio.k8s.yaml', '30-platform/mlflow.k8s.yaml', 'SECRETS.md']),
  );
  expect((await npm(['run', '--silent', 'check'], office)).stdout).toMatch(/up to date/);
  expect((await npm(['run', '--silent', 'diff'], office)).stdout).toBe('charts-out/my-office: no changes\n');
});

test('its CI refuses a configuration that is unsound, and charts that are stale', async () => {
  const config = join(office, 'config.yaml');
  const sound = readFileSync(config, 'utf8');
  try {
    writeFileSync(config, sound.replace('volumeSize: 2Gi', 'volumeSize: 3Gi'));
    expect((await attempt('npm', ['run', '--silent', 'check'], { cwd: office })).code).toBe(1);
    expect((await npm(['run', '--silent', 'diff'], office)).stdout).toMatch(/2Gi -> 3Gi/);
    writeFileSync(config, sound.replace('profile: pilot', 'profil: pilot'));
    expect((await attempt('npm', ['run', '--silent', 'validate'], { cwd: office })).code).toBe(2);
  } finally {
    writeFileSync(config, sound);
  }
});

test('its program type-checks against the packed library', async () => {
  await run('npx', ['--no-install', 'tsc', '--noCheck', 'false'], { cwd: office });
});

test('pulumi previews its program', async () => {
  const env = {
    PULUMI_BACKEND_URL: `file://${root}`,
    PULUMI_CONFIG_PASSPHRASE: 'office',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
  };
  const at = { cwd: office, env };
  await run('pulumi', ['stack', 'init', 'dev'], at);
  await run('pulumi', ['config', 'set', '--secret', 'bouture:seed'], {
    ...at,
    input: randomBytes(32).toString('base64'),
  });
  const { output } = await run(
    'pulumi',
    ['preview', '--non-interactive', '--policy-pack', 'node_modules/bouture/policy'],
    at,
  );
  expect(output).toMatch(/platform *: "my-office"/);
  expect(Number(/\+ (\d+) to create/.exec(output)?.[1])).toBeGreaterThan(40);
});
