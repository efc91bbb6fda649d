import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blueprints, loadConfig, synthesizeConfig } from '../../blueprints';
import { packageFile } from '../../blueprints/package-root';
import { renderFiles, type Synthesis, synthesize } from '../../constructs';
import { programFolder } from '../../tools/cluster/programs';
import { layersIn, wishesOf } from './support/applied';
import { attempt, type Finished, ROOT, run } from './support/commands';
import { at, listAt, type LiveObject } from './support/kubectl';
import { LocalApiServer } from './support/local-api-server';
import { CLI } from './support/stack';
import { StandInKubelet } from './support/stand-in-kubelet';

/**
 * charts-out/ as it stands, by the documented script and a real API server with its controllers, which has no nodes: what Pods do is said by a
 * stand-in.
 */

let server: LocalApiServer;
let kubelet: StandInKubelet;
let folder: string;
let env: Readonly<Record<string, string>>;
beforeAll(async () => {
  server = await LocalApiServer.create();
  kubelet = new StandInKubelet(server);
  folder = mkdtempSync(join(tmpdir(), 'bouture-apply-'));
  const path = `${programFolder('kubernetes')}:${process.env['PATH'] ?? ''}`;
  env = { KUBECONFIG: server.administratorKubeconfig(), PATH: path };
  await run('sh', ['-c', 'umask 077 && openssl rand -base64 32 > "$1"', 'sh', join(folder, 'seed')]);
}, 20 * 60_000);
afterAll(async () => {
  await kubelet.stop();
  await server.dispose();
  rmSync(folder, { recursive: true });
});

const script = (name: string, ...args: readonly string[]): Promise<Finished> =>
  attempt('bash', [join(ROOT, 'examples/gitops', name), ...args], { env: { ...env, WAIT: '120s' } });

/** The Secrets, as the command prints them. */
async function secretsOf(config: string): Promise<string> {
  const { stdout } = await run('node', [CLI, 'secrets', config, '--seed-file', join(folder, 'seed')]);
  const file = join(folder, 'secrets.yaml');
  writeFileSync(file, stdout, { mode: 0o600 });
  return file;
}

/** What stands in the API server of the files of some paths. */
async function live(...paths: readonly string[]): Promise<readonly LiveObject[]> {
  const found = await Promise.all(
    paths.map((path) => server.kubectl(['get', '--filename', path, '--output', 'json', '--show-managed-fields'])),
  );
  return found.flatMap((text) => {
    const given: unknown = JSON.parse(text);
    return (at(given, 'kind') === 'List' ? listAt(given, 'items') : [given]) as readonly LiveObject[];
  });
}

async function wishes(charts: string, secrets: string): Promise<Readonly<Record<string, string>>> {
  return wishesOf(await live(...layersIn(charts), secrets));
}

describe.each(Object.keys(blueprints))('charts-out/%s', (name) => {
  const config = packageFile('blueprints', name, 'config.yaml');
  const charts = join(ROOT, 'charts-out', name);

  test('is applied layer by layer, and becomes ready', async () => {
    const secrets = await secretsOf(config);
    const { code, output } = await script('apply.sh', charts, secrets);
    expect({ code, end: code === 0 ? '' : output.slice(-3000) }).toEqual({ code: 0, end: '' });
    const { objects, secrets: made }: Synthesis = synthesizeConfig(config);
    expect(Object.keys(await wishes(charts, secrets))).toHaveLength(objects.length + made.length);
  });

  test('a second time changes nothing, Jobs that are done and Secrets included', async () => {
    const secrets = await secretsOf(config);
    const before = await wishes(charts, secrets);
    const { code } = await script('apply.sh', charts, secrets);
    expect(code).toBe(0);
    expect(await wishes(charts, secrets)).toEqual(before);
  });
});

describe('what is rendered no more', () => {
  test('is listed, and neither Secrets nor what controllers made', async () => {
    const charts = join(folder, 'charts');
    cpSync(join(ROOT, 'charts-out/minimal'), charts, { recursive: true });
    expect(await script('gone.sh', charts, 'bouture')).toMatchObject({ code: 0, stdout: '' });
    const { objects, ...rest } = synthesize(loadConfig(packageFile('blueprints', 'minimal', 'config.yaml')).compose());
    const kept = objects.filter(({ manifest }) => manifest.kind !== 'CronJob');
    expect(objects.length - kept.length).toBeGreaterThan(1);
    for (const [path, text] of renderFiles({ ...rest, objects: kept })) writeFileSync(join(charts, path), text);
    const { stdout } = await script('gone.sh', charts, 'bouture');
    const gone = objects.filter((object) => !kept.includes(object)).map(({ manifest }) => manifest.metadata);
    expect(stdout.trim().split('\n')).toEqual(
      gone.map(({ namespace = '', name }) => `CronJob ${namespace} ${name}`).sort(),
    );
  });

  test('a change of what is rendered reaches the cluster, and nothing else changes', async () => {
    const charts = join(folder, 'charts');
    rmSync(charts, { recursive: true, force: true });
    cpSync(join(ROOT, 'charts-out/minimal'), charts, { recursive: true });
    const secrets = await secretsOf(packageFile('blueprints', 'minimal', 'config.yaml'));
    const before = await wishes(charts, secrets);
    const file = join(charts, '30-platform/mlflow.k8s.yaml');
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('schedule: ');
    writeFileSync(file, text.replace(/schedule: .*/, 'schedule: 7 3 * * *'));
    expect(await script('apply.sh', charts, secrets)).toMatchObject({ code: 0 });
    const after = await wishes(charts, secrets);
    expect(Object.keys(after).filter((id) => after[id] !== before[id])).toEqual([
      expect.stringMatching(/^batch\/v1\/CronJob\/bouture-mlflow\//),
    ]);
  });

  test('a folder that is not there, and none, end the script with an error', async () => {
    expect(await script('apply.sh', join(folder, 'nothing'))).toMatchObject({ code: 2 });
    expect(await script('apply.sh')).toMatchObject({ code: 1 });
  });
});
