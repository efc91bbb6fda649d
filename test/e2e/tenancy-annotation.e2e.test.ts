import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUCKET, RESULT, type Subject, TRIALS } from './support/annotation-trials';
import { at, textAt } from './support/kubectl';
import { unpackImage } from './support/local-image';
import { idOf, LocalLabelStudio, OWNER, PEOPLE, type Visitor } from './support/local-label-studio';
import { LocalStore, preparePostgres } from './support/local-postgres';
import type { Outcome } from './support/tenancy-attempts';
import { expectDocumented, testTrials, tryAll } from './support/tenancy-table';

/**
 * What people try at Label Studio: at one for all, started with the one command of its documentation, and at services of the catalog, of
 * which each team has its own. `alpha` was invited by the owner; `beta` has another organisation with a project that has a task, an
 * annotation, an uploaded file and a storage.
 */

const CONFIG =
  '<View><Text name="t" value="$text"/><Choices name="c" toName="t"><Choice value="yes"/></Choices></View>';

/** Makes what people have. @param home where the other organisation is */
async function prepare(
  server: LocalLabelStudio,
  home: LocalLabelStudio,
  store: LocalStore,
  folder: string,
): Promise<Subject> {
  const [owner, alpha, beta] = [
    await server.person(OWNER),
    await server.person(PEOPLE.alpha),
    await home.person(PEOPLE.beta),
  ];
  const access = { aws_access_key_id: store.accessKeyId, aws_secret_access_key: store.secretAccessKey };
  const projectOf = async (person: Visitor, name: string) =>
    idOf(await person.call('/api/projects/', { json: { title: `of-${name}`, label_config: CONFIG } }));
  const storageOf = async (person: Visitor, path: string, project: number) =>
    idOf(await person.call(path, { json: { project, bucket: BUCKET, ...access } }));
  const mine = await projectOf(alpha, 'alpha');
  const project = await projectOf(beta, 'beta');
  const csv = join(folder, 'tasks.csv');
  writeFileSync(csv, 'text\nof beta\n');
  await beta.call(`/api/projects/${project}/import`, { file: ['tasks.csv', `@${csv}`] });
  const files = await beta.call(`/api/projects/${project}/file-uploads?all=true`);
  const tasks = await beta.call(`/api/tasks?project=${project}`);
  const task = idOf(at(tasks, 'tasks', 0));
  const annotation = idOf(await beta.call(`/api/tasks/${task}/annotations/`, { json: { result: RESULT } }));
  const me = await beta.call('/api/current-user/whoami');
  return {
    server,
    store,
    owner,
    alpha,
    intruder: alpha.at(home),
    own: {
      project: mine,
      storage: await storageOf(alpha, '/api/storages/s3/', mine),
      export: await storageOf(alpha, '/api/storages/export/s3', mine),
    },
    other: {
      organization: Number(at(me, 'active_organization')),
      project,
      task,
      annotation,
      storage: await storageOf(beta, '/api/storages/s3/', project),
      file: `/data/${textAt(files, 0, 'file')}`,
    },
  };
}

describe('people at Label Studio', () => {
  const ends: (() => Promise<void> | void)[] = [];
  let without: readonly Outcome[];
  let withIt: readonly Outcome[];

  beforeAll(async () => {
    const folder = mkdtempSync('/tmp/ba-');
    ends.unshift(() => {
      rmSync(folder, { recursive: true });
    });
    await preparePostgres();
    const store = await LocalStore.start();
    ends.unshift(() => store.stop());
    await store.rclone('mkdir', `store:${BUCKET}`);
    const unpacked = async () => {
      const image = await unpackImage('label-studio');
      ends.unshift(() => {
        rmSync(image.folder, { recursive: true });
      });
      return image;
    };
    const running = async (starting: Promise<LocalLabelStudio>) => {
      const server = await starting;
      ends.unshift(() => server.stop());
      return server;
    };
    const image = await unpacked();
    const quick = await running(LocalLabelStudio.quickSetUp(image, store));
    without = await tryAll(TRIALS, await prepare(quick, quick, store, folder));
    await quick.stop();
    const home = await running(LocalLabelStudio.service(await unpacked(), store, 'key-of-beta'.repeat(5)));
    const server = await running(LocalLabelStudio.service(image, store, 'key-of-the-owner'.repeat(4)));
    withIt = await tryAll(TRIALS, await prepare(server, home, store, folder));
  });

  afterAll(async () => {
    for (const end of ends) await end();
  });

  testTrials(TRIALS, () => ({ without, with: withIt }));

  test('docs/tenancy.md tells what was seen', () => {
    expectDocumented(TRIALS);
  });
});
