import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePrograms, plainProgress, TOOL_RECIPES } from '../../tools/cluster';
import { attempt, type Finished, ROOT } from './support/commands';
import { LocalApiServer } from './support/local-api-server';

/**
 * The definitions of Argo's kinds in a real API server, made and removed by `bouture up` and `bouture down`: what people made stays until it is
 * asked for. No node is needed, so only the definitions and the rights on them are deployed.
 */
let cluster: LocalApiServer;
const folders: string[] = [];

/** Runs the deployment in a project's folder, against the API server of this test. */
async function bouture(folder: string, ...args: readonly string[]): Promise<Finished> {
  const program = join(ROOT, 'test/e2e/support/definitions-program.ts');
  return attempt('node', ['-r', require.resolve('ts-node/register/transpile-only'), program, ...args], {
    cwd: folder,
    env: { KUBECONFIG: join(folder, 'kubeconfig'), TS_NODE_PROJECT: join(ROOT, 'tsconfig.json') },
  });
}

/** A folder for a project, with the way to the API server. */
async function project(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'bouture-definitions-'));
  folders.push(folder);
  writeFileSync(join(folder, 'kubeconfig'), await cluster.kubectl(['config', 'view', '--raw']), { mode: 0o600 });
  return folder;
}

const names = async (kind: string, ...args: readonly string[]) =>
  (await cluster.kubectl(['get', kind, '--output', 'name', ...args])).trim().split('\n').filter(Boolean).sort();
const definitions = async () => (await names('customresourcedefinitions')).map((name) => name.replace(/^[^/]*\//, ''));
const workflows = () => names('workflows.argoproj.io', '--all-namespaces');

const WORKFLOWS = [
  'cronworkflows',
  'workflowartifactgctasks',
  'workfloweventbindings',
  'workflows',
  'workflowtaskresults',
  'workflowtasksets',
  'workflowtemplates',
].map((plural) => `${plural}.argoproj.io`);
const CD = ['applications', 'applicationsets', 'appprojects'].map((plural) => `${plural}.argoproj.io`);

beforeAll(async () => {
  await ensurePrograms(['kubernetes', ...TOOL_RECIPES], plainProgress());
  cluster = await LocalApiServer.create();
}, 30 * 60_000);

afterAll(async () => {
  await cluster.dispose();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

test('definitions outlive the platform with all that people made, until their data is to go', async () => {
  const folder = await project();
  const up = await bouture(folder, 'up', 'demo', 'argo-workflows,argo-cd');
  expect({ code: up.code, output: up.code === 0 ? '' : up.output }).toEqual({ code: 0, output: '' });
  expect(await definitions()).toEqual([...CD, ...WORKFLOWS].sort());
  await cluster.kubectl(['wait', '--for=condition=Established', 'crd/workflows.argoproj.io']);
  await cluster.kubectl(['create', '--filename', '-'], {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name: 'kept', namespace: 'default' },
    spec: { entrypoint: 'main', templates: [{ name: 'main', container: { image: 'x' } }] },
  });
  expect((await bouture(folder, 'up', 'demo', 'argo-workflows,argo-cd')).stdout).toContain('nothing changed');

  const fewer = await bouture(folder, 'up', 'demo', 'argo-cd');
  expect(fewer.code).toBe(0);
  expect(fewer.stdout).toContain(
    'CustomResourceDefinition workflows.argoproj.io is in no configuration, and stays: it holds data',
  );
  expect(fewer.stdout).not.toContain('- CustomResourceDefinition');
  expect(fewer.stdout).toContain('3 objects changed'); // the rights go
  expect(await workflows()).toEqual(['workflow.argoproj.io/kept']);
  expect((await bouture(folder, 'up', 'demo', 'argo-workflows,argo-cd')).code).toBe(0);

  const down = await bouture(folder, 'down');
  expect(down.code).toBe(0);
  expect(down.stdout).toContain('deleted: 5 objects');
  expect(down.stdout).toContain('kept, with their data');
  expect(down.stdout).toContain('  CustomResourceDefinition workflows.argoproj.io');
  expect(await definitions()).toEqual([...CD, ...WORKFLOWS].sort());
  expect(await workflows()).toEqual(['workflow.argoproj.io/kept']);
  expect((await bouture(folder, 'down')).stdout).toContain('nothing to delete');

  expect((await bouture(folder, 'up', 'demo', 'argo-workflows,argo-cd')).code).toBe(0);
  expect(await workflows()).toEqual(['workflow.argoproj.io/kept']);
  expect((await bouture(folder, 'down', '--delete-data')).code).toBe(0);
  expect(await definitions()).toEqual([]);
});

test('definitions that somebody else made are left to them', async () => {
  const [first, second] = [await project(), await project()];
  expect((await bouture(first, 'up', 'first', 'argo-workflows')).code).toBe(0);
  const { code, stderr } = await bouture(second, 'up', 'second', 'argo-workflows');
  expect(code).toBe(1);
  expect(stderr).toContain('people: {resourceDefinitions: {argo-workflows: existing}}');
  expect(await names('clusterroles', '--selector', 'app.kubernetes.io/part-of=second')).toEqual([]);
  expect((await bouture(first, 'down')).code).toBe(0);
  expect((await bouture(first, 'down', '--delete-data')).code).toBe(0);
  expect(await definitions()).toEqual([]);
});
