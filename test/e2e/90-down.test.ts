import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './support/commands';
import { variant } from './support/configs';
import { at, kubectl, list } from './support/kubectl';
import { everythingOf, train, type Work } from './support/mlflow';
import {
  bouture,
  boutureOk,
  CONFIG,
  ensureStack,
  leftovers,
  NAMESPACES,
  PLATFORM,
  STACK,
  unready,
  up,
} from './support/stack';

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

describe('a database that is left out of the configuration', () => {
  const smaller = variant('smaller', () => ({ name: PLATFORM, database: undefined, mlflow: undefined }));
  const UP = ['up', smaller, '--stack', STACK];
  let held: readonly string[];

  beforeAll(async () => {
    await ensureStack();
    held = await volumes();
  });

  test.each([[[]], [['--preview']]])('is refused %j: its data would be lost', async (options) => {
    const { code, output } = await bouture([...UP, ...options]);
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('--delete-data') as unknown });
    expect(output).toContain(`  Namespace ${NAMESPACES.postgres}\n`);
    expect(output).toContain(`  StatefulSet ${NAMESPACES.postgres}/postgres\n`);
    expect(await unready()).toEqual([]);
    expect(await volumes()).toEqual(held);
  });

  test('goes with its data when that is asked for, and no other data goes', async () => {
    await boutureOk([...UP, '--delete-data']);
    expect(await leftovers()).not.toContain(`Namespace/${NAMESPACES.postgres}`);
    const ours = await list('persistentvolumeclaims', '-n', NAMESPACES.minio);
    expect(ours.length).toBeGreaterThan(0);
    expect(await volumes()).toEqual(held.filter((each) => ours.some(({ metadata: { uid } }) => each.includes(uid))));
    await boutureOk([...UP, '--preview', '--expect-no-changes']);
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
