import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthesizeConfig } from '../../blueprints';
import { attempt, type Finished, ROOT, run } from './support/commands';
import { variant } from './support/configs';

/** A Pulumi project of its own, with its own state: it only previews, so nothing is ever made in the cluster. */
const PROJECT = join(ROOT, '.bouture/e2e/policy-pack');
const PACK = join(ROOT, 'policy');
const STACK = 'preview';
const CONFIG = variant('policy-pack', () => ({ name: 'e2e-policy' }));

const env = {
  PULUMI_BACKEND_URL: `file://${join(PROJECT, 'state')}`,
  PULUMI_CONFIG_PASSPHRASE: 'policy-pack',
  PULUMI_SKIP_UPDATE_CHECK: 'true',
};

const pulumi = (args: readonly string[], input?: string) =>
  run('pulumi', [...args, '--stack', STACK], { cwd: PROJECT, env, ...(input === undefined ? {} : { input }) });

/** Previews the platform, and whatever else the program makes, under the policy pack. */
function preview(more: string, ...options: readonly string[]): Promise<Finished> {
  const program = `
    const kubernetes = require('@pulumi/kubernetes');
    const { platformProgram } = require('bouture/stacks');
    const { synthesizeConfig } = require('bouture/blueprints');
    module.exports = () => {
      ${more}
      return platformProgram(() => synthesizeConfig(${JSON.stringify(CONFIG)}));
    };`;
  writeFileSync(join(PROJECT, 'index.js'), program);
  return attempt('pulumi', ['preview', '--stack', STACK, '--non-interactive', '--policy-pack', PACK, ...options], {
    cwd: PROJECT,
    env,
  });
}

/** The policies that the preview says were violated. */
const violated = ({ output }: Finished) => [
  ...new Set([...output.matchAll(/\[mandatory\]\s+(\S+)/g)].map(([, policy]) => policy)),
];

beforeAll(async () => {
  rmSync(PROJECT, { recursive: true, force: true });
  mkdirSync(join(PROJECT, 'state'), { recursive: true });
  const project = [
    'name: policy-pack',
    'runtime:',
    '  name: nodejs',
    '  options:',
    '    typescript: false',
    'main: index.js',
    '',
  ];
  writeFileSync(join(PROJECT, 'Pulumi.yaml'), project.join('\n'));
  await run('pulumi', ['stack', 'init', STACK], { cwd: PROJECT, env });
  await pulumi(['config', 'set', '--secret', 'bouture:seed'], randomBytes(32).toString('base64'));
});

afterAll(() => {
  rmSync(PROJECT, { recursive: true, force: true });
});

test('the platform passes its own policies', async () => {
  const result = await preview('');
  expect(violated(result)).toEqual([]);
  expect({ code: result.code, end: result.code === 0 ? '' : result.output.slice(-3000) }).toEqual({ code: 0, end: '' });
  expect(result.output).toContain('bouture@v');
  // All of the platform was there to be judged.
  const [, count] = /\+ (\d+) to create/.exec(result.output) ?? [];
  expect(Number(count)).toBeGreaterThan(synthesizeConfig(CONFIG).objects.length);
});

test('a mandatory rule stops the preview of what somebody adds, and names object, field and remedy', async () => {
  const result = await preview(`
    new kubernetes.core.v1.Service('door', {
      apiVersion: 'v1', kind: 'Service',
      metadata: {
        name: 'door', namespace: 'e2e-policy-mlflow',
        labels: { 'app.kubernetes.io/part-of': 'e2e-policy', 'app.kubernetes.io/managed-by': 'somebody' },
      },
      spec: { type: 'NodePort', selector: { app: 'none' }, ports: [{ port: 80 }] },
    });`);
  expect(result.code).not.toBe(0);
  expect(violated(result).sort()).toEqual(['cluster-ip-services', 'service-selects-pods']);
  expect(result.output).toMatch(/Service e2e-policy-mlflow\/door: spec\.type: is NodePort; leave the type ClusterIP/);
});

test('the rules of production wait until the pack’s configuration turns them on', async () => {
  const result = await preview('', '--policy-pack-config', join(PACK, 'production.json'));
  expect(result.code).not.toBe(0);
  expect(violated(result)).toEqual(['image-digest']);
});
