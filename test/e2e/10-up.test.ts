import { relative } from 'node:path';
import { type Finished, ROOT } from './support/commands';
import { deviations } from '../../cli/deployment/containment';
import { find } from './support/kubectl';
import { fullTest } from './support/level';
import { synthesized } from './support/manifests';
import { pulumi, resourcesOf } from './support/pulumi';
import { snapshotOf, versionsOf } from './support/snapshot';
import { CONFIG, NAMESPACES, PLATFORM, removeEverything, STACK, unready, up } from './support/stack';

const LISTED = ['--stack', STACK, '--non-interactive'];

describe('up on an empty cluster', () => {
  let first: Finished;

  beforeAll(async () => {
    await removeEverything();
    first = await up();
  });

  test('leaves every Pod ready, every Job complete, every claim bound', async () => {
    expect(await unready()).toEqual([]);
  });

  test('ends with the addresses and with where the credentials are', () => {
    expect(first.stdout + first.stderr).toMatch(/MLflow[\s\S]*mlflow-accounts/);
    expect(first.stdout + first.stderr).toContain(`http://mlflow.${NAMESPACES.mlflow}.svc.cluster.local:5000`);
  });

  test('puts every field of the rendered manifests on the server', async () => {
    const manifests = await synthesized();
    expect(manifests.length).toBeGreaterThan(20);
    for (const manifest of manifests) {
      const { apiVersion, kind, metadata } = manifest;
      const [group = '', version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
      const type = group === '' ? kind : `${kind}.${version ?? ''}.${group}`;
      const live = await find(type, metadata.name, metadata.namespace);
      const where = `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
      expect({ where, deviations: deviations(manifest, live) }).toEqual({ where, deviations: [] });
    }
  });
});

describe('once it is up', () => {
  test('a second up changes nothing', async () => {
    const before = await versionsOf(PLATFORM);
    await up();
    expect(await versionsOf(PLATFORM)).toEqual(before);
  });

  test('a preview that expects no changes finds none', async () => {
    await up('--preview', '--expect-no-changes');
  });

  test('Pulumi’s own command line sees the same stack and changes nothing', async () => {
    const resources = await resourcesOf(STACK);
    const before = await versionsOf(PLATFORM);
    await pulumi(['preview', '--expect-no-changes', ...LISTED]);
    await pulumi(['up', '--yes', '--skip-preview', '--expect-no-changes', ...LISTED]);
    expect(await resourcesOf(STACK)).toEqual(resources);
    expect(await versionsOf(PLATFORM)).toEqual(before);
  });

  fullTest('Pulumi’s own command line makes the same from nothing', async () => {
    const objects = await snapshotOf(PLATFORM);
    const resources = await resourcesOf(STACK);
    await removeEverything();
    await pulumi(['config', 'set', 'bouture:config', relative(ROOT, CONFIG), '--stack', STACK]);
    await pulumi(['up', '--yes', '--skip-preview', ...LISTED]);
    expect(Object.keys(await snapshotOf(PLATFORM))).toEqual(Object.keys(objects));
    expect(await resourcesOf(STACK)).toEqual(resources);
    await up('--preview', '--expect-no-changes');
  });
});
