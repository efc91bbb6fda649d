import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './support/commands';
import { at, kubectl, list } from './support/kubectl';
import { everythingOf, train, type Work } from './support/mlflow';
import { boutureOk, CONFIG, ensureStack, leftovers, NAMESPACES, PLATFORM, STACK, unready, up } from './support/stack';

const DOWN = ['down', CONFIG, '--stack', STACK];

/** Claims and volumes of the platform, by their uids: made anew, they would have others. */
async function volumes(): Promise<readonly string[]> {
  const claims = (
    await Promise.all(Object.values(NAMESPACES).map((name) => list('persistentvolumeclaims', '-n', name)))
  ).flat();
  const held = (await list('persistentvolumes')).filter((volume) =>
    Object.values<unknown>(NAMESPACES).includes(at(volume, 'spec', 'claimRef', 'namespace')),
  );
  return [...claims, ...held].map(({ kind, metadata }) => `${kind} ${metadata.name} ${metadata.uid}`).sort();
}

/** Objects without namespace, of any kind, in whose name the platform stands. */
async function clusterScoped(): Promise<readonly string[]> {
  const kinds = await kubectl(['api-resources', '--namespaced=false', '--verbs=list', '-o', 'name']);
  const objects = await list(kinds.trim().split('\n').join(','));
  return objects
    .filter((object) =>
      JSON.stringify([object.metadata.name, object.metadata.labels, at(object, 'spec', 'claimRef')]).includes(
        `${PLATFORM}-`,
      ),
    )
    .map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    .sort();
}

describe('down', () => {
  let work: Work;
  let before: unknown;
  let held: readonly string[];

  beforeAll(async () => {
    await ensureStack();
    work = await train();
    before = await everythingOf(work);
    held = await volumes();
    expect(held.length).toBeGreaterThanOrEqual(4);
    await boutureOk(DOWN);
  });

  test('removes everything that runs, and keeps every volume', async () => {
    const kinds = 'pods,services,deployments,statefulsets,jobs,cronjobs,configmaps,networkpolicies,roles';
    const left = (await Promise.all(Object.values(NAMESPACES).map((name) => list(kinds, '-n', name)))).flat();
    expect(left.filter(({ metadata }) => metadata.name !== 'kube-root-ca.crt')).toEqual([]);
    expect(await volumes()).toEqual(held);
  });

  test('does nothing the second time', async () => {
    const left = await leftovers();
    await boutureOk(DOWN);
    expect(await leftovers()).toEqual(left);
    expect(await volumes()).toEqual(held);
  });

  test('loses nothing: after the next up the data is there', async () => {
    await up();
    expect(await unready()).toEqual([]);
    expect(await volumes()).toEqual(held);
    expect(await everythingOf(work)).toEqual(before);
  });
});

describe('down --delete-data', () => {
  beforeAll(async () => {
    await ensureStack();
    await boutureOk([...DOWN, '--delete-data']);
  });

  test('leaves nothing of the platform in the cluster', async () => {
    expect(await leftovers()).toEqual([]);
    expect(await clusterScoped()).toEqual([]);
  });

  test('leaves nothing of its volumes on the disk', () => {
    const folder = join(ROOT, '.bouture/cluster/volumes');
    const left = existsSync(folder) ? readdirSync(folder).filter((name) => name.includes(`${PLATFORM}-`)) : [];
    expect(left).toEqual([]);
  });

  test('does nothing the second time', async () => {
    await boutureOk([...DOWN, '--delete-data']);
    expect(await leftovers()).toEqual([]);
  });
});
