import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type PredictionRecord, recordSchema } from '../src/records/record.js';
import { configOf, eventually } from './support/app.js';
import { writeBundle, writeSums } from './support/bundle.js';
import { LocalMinio, LocalMlflow, ServiceProcess } from './support/platform.js';

/** The service as a process, beside a real MLflow and a real MinIO. */

const fixtures = inject('fixtures');
const MODEL = 'nace';
const PORT = 24110;
const MANAGEMENT_PORT = 24111;
const folder = mkdtempSync(join(tmpdir(), 'platform-'));
const minio = new LocalMinio();
const mlflow = new LocalMlflow();
const url = `http://127.0.0.1:${PORT}`;
const managementUrl = `http://127.0.0.1:${MANAGEMENT_PORT}`;
let service: ServiceProcess;

/** Texts that were answered 200, and texts of which the client knows nothing. */
const answered = new Set<string>();
const failed: string[] = [];
let number = 0;

const env = {
  MLFLOW_TRACKING_USERNAME: mlflow.username,
  MLFLOW_TRACKING_PASSWORD: mlflow.password,
  S3_KEY: minio.credentials.accessKeyId,
  S3_SECRET: minio.credentials.secretAccessKey,
  REPLICA_NAME: 'inference-0',
};

const config = () =>
  configOf(folder, {
    server: { host: '127.0.0.1', port: PORT, managementPort: MANAGEMENT_PORT, drainSeconds: 0, shutdownSeconds: 20 },
    registry: {
      url: mlflow.url,
      model: MODEL,
      select: { alias: 'champion' },
      authentication: {
        kind: 'basic',
        username: { env: 'MLFLOW_TRACKING_USERNAME' },
        password: { env: 'MLFLOW_TRACKING_PASSWORD' },
      },
      reloadSeconds: 1,
    },
    shadow: { select: { alias: 'challenger' } },
    records: {
      store: {
        endpoint: minio.url,
        bucket: minio.bucket,
        prefix: 'nace',
        accessKeyId: { env: 'S3_KEY' },
        secretAccessKey: { env: 'S3_SECRET' },
      },
      spoolFolder: join(folder, 'spool'),
      flushSeconds: 2,
    },
  });

/** Sends descriptions one after the other, each with a text of its own, while something happens. */
async function under(
  load: { readonly clients: number; readonly refusals: boolean },
  act: () => Promise<void>,
): Promise<void> {
  let ends = false;
  const client = async () => {
    while (!ends) {
      const text = `Culture du riz ${number++}`;
      try {
        const answer = await fetch(`${url}/predict?prob_min=0&text_feature=${encodeURIComponent(text)}`);
        await answer.arrayBuffer();
        if (answer.status === 200) answered.add(text);
        else failed.push(`${text}: ${answer.status}`);
      } catch (error) {
        if (!load.refusals) failed.push(`${text}: ${String(error)}`);
        await pause(20);
      }
    }
  };
  const clients = Array.from({ length: load.clients }, client);
  try {
    await act();
  } finally {
    ends = true;
    await Promise.all(clients);
  }
}

const version = async () => ((await (await fetch(`${url}/`)).json()) as { Model_version: string }).Model_version;
const metrics = async () => (await fetch(`${managementUrl}/metrics`)).text();

async function records(): Promise<PredictionRecord[]> {
  const keys = await minio.keys('nace/records/');
  const objects = await Promise.all(keys.map(async (key) => minio.read(key)));
  return objects.flatMap((object) => object.trimEnd().split('\n')).map((line) => recordSchema.parse(JSON.parse(line)));
}

/** Folder of a version, with something done to it. */
function bundle(name: string, of: 1 | 2, change: (serving: string) => void = () => undefined): string {
  const serving = writeBundle(fixtures, of, join(folder, name, 'serving'));
  change(serving);
  return serving;
}

beforeAll(async () => {
  await Promise.all([minio.start(), mlflow.start()]);
  const flip = (serving: string) => {
    const model = readFileSync(join(serving, 'model.bin'));
    model.fill(0x41, model.length - 50_000);
    writeFileSync(join(serving, 'model.bin'), model);
  };
  const folders = [
    bundle('first', 1),
    bundle('second', 2),
    bundle('damaged', 1, flip),
    bundle('other-weights', 1, (serving) => {
      flip(serving);
      writeSums(serving);
    }),
  ];
  mlflow.register(MODEL, folders);
  await mlflow.alias(MODEL, 'champion', 1);
  service = new ServiceProcess(config(), join(folder, 'config.json'), url, managementUrl, env);
  await service.start();
}, 400_000);

afterAll(async () => {
  await service.stop('SIGKILL');
  await Promise.all([minio.remove(), mlflow.remove()]);
  rmSync(folder, { recursive: true, force: true });
});

describe('the service on the platform', () => {
  it('serves the version of the alias, with the metrics of its run', async () => {
    const about = (await (await fetch(`${url}/`)).json()) as object;
    expect(about).toMatchObject({
      Model_name: MODEL,
      Model_version: '1',
      Metrics: { accuracy_level_5: 0.5, 'bakery - Result': 'Passed', 'bakery - IC': 0.25 },
    });
  });

  it('follows the alias without dropping a request', async () => {
    await under({ clients: 8, refusals: false }, async () => {
      await mlflow.alias(MODEL, 'champion', 2);
      await eventually('version 2', async () => (await version()) === '2', 60);
    });
    expect(failed).toEqual([]);
    expect(answered.size).toBeGreaterThan(100);
  });

  it.each([
    ['a damaged file', 3],
    ['a model that answers otherwise than its golden lines', 4],
  ])('refuses %s, and goes on with what served before', async (_, refused) => {
    const count = (text: string) =>
      Number(/nace_model_failures_total{slot="main",kind="refused"} (\d+)/.exec(text)?.[1] ?? 0);
    const before = count(await metrics());
    await mlflow.alias(MODEL, 'champion', refused);
    await eventually('the refusal', async () => count(await metrics()) > before, 60);
    expect(await version()).toBe('2');
    await mlflow.alias(MODEL, 'champion', 2);
  });

  it('records a version beside the first', async () => {
    await mlflow.alias(MODEL, 'challenger', 1);
    await eventually(
      'the shadow',
      async () => (await metrics()).includes('slot="shadow",model="nace",version="1"'),
      60,
    );
    const body = { text_description: ['Culture du riz', '123'] };
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const answer = await fetch(`${url}/predict-batch`, init);
    const request = answer.headers.get('x-request-id');
    await eventually(
      'the records',
      async () => (await records()).filter((each) => each.request === request).length === 2,
    );
    const [first, second] = (await records()).filter((each) => each.request === request);
    expect(first).toMatchObject({
      model_version: '2',
      shadow_version: '1',
      nomenclature: 'NAF rev. 2',
      shadow_nomenclature: 'NAF rev. 2',
      text: 'Culture du riz',
      text_clean: 'culture du riz',
    });
    expect(first?.shadow_predictions?.[0]?.code).toBe('0112Z');
    expect(first?.shadow_confidence).toBeGreaterThan(0);
    expect(second).toMatchObject({ decision: 'manual', reason: 'empty', predictions: [], shadow_predictions: [] });
  });

  it('asks nobody beside it when the alias is gone, and that is no failure', async () => {
    const failures = async () =>
      /nace_model_failures_total{slot="shadow",kind="registry"} (\d+)/.exec(await metrics())?.[1];
    await mlflow.removeAlias(MODEL, 'challenger');
    await eventually('the end of the shadow', async () => !(await metrics()).includes('slot="shadow",model='), 60);
    const before = await failures();
    await pause(3000);
    expect(await failures()).toBe(before);
    await mlflow.alias(MODEL, 'challenger', 1);
    await eventually('the shadow', async () => (await metrics()).includes('slot="shadow",model='), 60);
  });

  it('loses no record of what it has answered when it is killed', async () => {
    await under({ clients: 8, refusals: true }, async () => {
      await pause(700);
      await service.stop('SIGKILL');
    });
    // As if the last write had been torn.
    const [torn = ''] = readdirSync(join(folder, 'spool'), { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.ndjson'));
    expect(torn).not.toBe('');
    appendFileSync(join(folder, 'spool', torn), '{"schema":1,"id":"torn');
    await service.start();
    await eventually('the records', async () => {
      const texts = new Set((await records()).map(({ text }) => text));
      return [...answered].every((text) => texts.has(text));
    });
  });

  it('goes on while the object store is away, and brings everything when it is back', async () => {
    await minio.stop();
    await under({ clients: 4, refusals: false }, async () => pause(3000));
    await eventually('failed uploads', async () => /nace_records_upload_failures_total [1-9]/.test(await metrics()));
    expect((await fetch(`${managementUrl}/readyz`)).status).toBe(200);
    await minio.start();
    await eventually('an empty spool', async () => (await metrics()).includes('nace_records_waiting_bytes 0'), 90);
    expect(failed).toEqual([]);
  });

  it('goes on while the registry is away, and starts without it', async () => {
    await mlflow.stop();
    await pause(1500);
    expect((await fetch(`${url}/predict?text_feature=Culture+du+riz`)).status).toBe(200);
    expect(await service.stop('SIGTERM')).toBe(0);
    await service.start();
    expect(await version()).toBe('2');
  });

  it('brings everything to the object store when it ends, each answer once', async () => {
    await under({ clients: 4, refusals: false }, async () => pause(500));
    expect(await service.stop('SIGTERM')).toBe(0);
    expect(
      readdirSync(join(folder, 'spool'), { recursive: true }).filter((name) => String(name).endsWith('.ndjson')),
    ).toEqual([]);
    const all = await records();
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const perText = new Map<string, number>();
    for (const { text } of all) perText.set(text, (perText.get(text) ?? 0) + 1);
    const wrong = [...answered].filter((text) => perText.get(text) !== 1);
    expect(wrong).toEqual([]);
    const keys = await minio.keys('nace/records/');
    for (const key of keys)
      expect(key).toMatch(/^nace\/records\/date=\d{4}-\d{2}-\d{2}\/inference-0\/\d{8}T\d{9}Z-\d{6}\.ndjson$/);
  });

  it('writes nothing over an object of the same name', async () => {
    const { ObjectStore } = await import('../src/records/object-store.js');
    process.env['S3_KEY'] = env.S3_KEY;
    process.env['S3_SECRET'] = env.S3_SECRET;
    const { records: of } = config();
    const store = new ObjectStore((of ?? expect.fail()).store);
    const key = 'date=2026-01-31/other/1.ndjson';
    await store.put(key, Buffer.from('one\n'));
    await store.put(key, Buffer.from('one\n'));
    await store.put(key, Buffer.from('two\n'));
    await store.put(key, Buffer.from('two\n'));
    const keys = await minio.keys('nace/records/date=2026-01-31/other/');
    expect(await Promise.all(keys.map(async (each) => minio.read(each)))).toEqual(
      expect.arrayContaining(['one\n', 'two\n']),
    );
    expect(keys).toHaveLength(2);
  });
});
