import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { PredictionRecord } from '../src/records/record.js';
import { leftovers, objectOf, type SealedSegment } from '../src/records/segment.js';
import { Spool, SpoolFullError } from '../src/records/spool.js';
import { eventually, TestApp } from './support/app.js';

const fixtures = inject('fixtures');
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spool-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const record = (id: string, at = '2026-01-31T08:00:00.123Z') => ({ schema: 1, id, at }) as PredictionRecord;

async function open(spoolBytes = 1_000_000): Promise<{ readonly spool: Spool; readonly sealed: SealedSegment[] }> {
  const sealed: SealedSegment[] = [];
  const spool = await Spool.open({
    folder,
    replica: 'inference-0',
    spoolBytes,
    segmentBytes: 1000,
    onSealed: (segment) => sealed.push(segment),
    onPressing: () => undefined,
  });
  return { spool, sealed };
}

const linesOf = (segment: SealedSegment) => readFileSync(segment.path, 'utf8').trimEnd().split('\n');

describe('records on the disk', () => {
  it('of one day are in one file, whose path is the key of its object', async () => {
    const { spool, sealed } = await open();
    await Promise.all([
      spool.append([record('a'), record('b')]),
      spool.append([record('c', '2026-02-01T00:00:00.000Z')]),
      spool.append([record('d', '2026-01-31T23:59:59.999Z')]),
    ]);
    await spool.seal();
    const [first, second] = sealed;
    expect(sealed).toHaveLength(2);
    expect(first?.key).toMatch(/^date=2026-01-31\/inference-0\/\d{8}T\d{9}Z-000000\.ndjson$/);
    expect(second?.key).toMatch(/^date=2026-02-01\//);
    expect(first && linesOf(first).map((line) => (JSON.parse(line) as PredictionRecord).id)).toEqual(['a', 'b', 'd']);
  });

  it('are found by the next process, under the same key, without a line that was torn', async () => {
    const before = await open();
    await before.spool.append([record('a')]);
    const [name = ''] = readdirSync(folder, { recursive: true })
      .map(String)
      .filter((each) => each.endsWith('.ndjson'));
    appendFileSync(join(folder, name), '{"schema":1,"id":"to');
    const { sealed, spool } = await open();
    expect(sealed.map(({ key }) => key)).toEqual([name]);
    expect(sealed[0] && linesOf(sealed[0])).toEqual([JSON.stringify(record('a'))]);
    expect(spool.bytes).toBe(sealed[0]?.bytes);
  });

  it('of a long file are whole after a crash, without the zeros that were reserved, or a write that came to the disk in part', async () => {
    const { spool } = await open(1_000_000);
    const ids = Array.from({ length: 1500 }, (_, i) => `record-${i}`);
    let bytes = 0;
    for (const id of ids) bytes = (await spool.append([record(id)])).bytes;
    const [name = ''] = readdirSync(folder, { recursive: true })
      .map(String)
      .filter((each) => each.endsWith('.ndjson'));
    const path = join(folder, name);
    expect(statSync(path).size).toBeGreaterThan(bytes);
    const torn = openSync(path, 'r+');
    writeSync(torn, 'the second half of a line}\n', bytes + 100);
    closeSync(torn);
    const [only = expect.fail()] = await leftovers(folder);
    expect(only.bytes).toBe(bytes);
    expect(statSync(path).size).toBe(bytes);
    expect(linesOf(only).map((line) => (JSON.parse(line) as PredictionRecord).id)).toEqual(ids);
    await spool.seal();
  });

  it('of a long file end where they end when it is closed', async () => {
    const { spool, sealed } = await open(1_000_000);
    for (let i = 0; i < 1500; i++) await spool.append([record(`record-${i}`)]);
    await spool.seal();
    const [only = expect.fail()] = sealed;
    expect(statSync(only.path).size).toBe(only.bytes);
    expect((await objectOf(only)).length).toBe(only.bytes);
  });

  it('are refused when there is no room, and taken when there is again', async () => {
    const { spool, sealed } = await open(200);
    for (let i = 0; i < 3; i++) await spool.append([record(`a${i}`)]);
    await expect(spool.append([record('too-much')])).rejects.toThrow(SpoolFullError);
    await spool.seal();
    for (const segment of sealed) await spool.remove(segment);
    await spool.append([record('again')]);
    expect(spool.bytes).toBe(JSON.stringify(record('again')).length + 1);
  });

  it('are refused when the disk refuses, until it does no more', async () => {
    const { spool } = await open();
    writeFileSync(join(folder, 'date=2026-01-31'), 'a file where a folder belongs');
    await expect(spool.append([record('a')])).rejects.toThrow('the disk refuses records');
    expect(spool.full).toBe(true);
    rmSync(join(folder, 'date=2026-01-31'));
    await spool.retry();
    expect(spool.full).toBe(false);
    await spool.append([record('a')]);
  });

  it('get what the version beside answered; the same file gives the same bytes', async () => {
    const { spool, sealed } = await open();
    const segment = await spool.append([record('a'), record('b')]);
    const shadow = {
      shadow_version: '2',
      shadow_predictions: [{ code: '0112Z', probability: 0.5 }],
      shadow_confidence: 0.25,
      shadow_nomenclature: 'NACE Rev. 2.1',
    };
    await spool.appendShadow(segment, [{ shadow_of: 'a', ...shadow }]);
    await spool.seal();
    const [only = expect.fail()] = sealed;
    const object = (await objectOf(only)).toString();
    expect(
      object
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([{ ...record('a'), ...shadow }, record('b')]);
    const [again = expect.fail()] = await leftovers(folder);
    expect((await objectOf(again)).toString()).toBe(object);
  });
});

/** An object store that takes what it is told to take. */
class Store {
  readonly objects = new Map<string, string>();
  status = 200;
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (data: Buffer) => (body += data.toString()));
      request.on('end', () => {
        if (request.method === 'PUT' && this.status === 200) this.objects.set(request.url ?? '', body);
        response.statusCode = this.status;
        response.end();
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get records(): PredictionRecord[] {
    const lines = [...this.objects.values()].flatMap((object) => object.trimEnd().split('\n'));
    return lines.map((line) => JSON.parse(line) as PredictionRecord);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

describe('the service with a store that fails', () => {
  let store: Store;
  let endpoint: string;
  beforeEach(async () => {
    store = new Store();
    endpoint = await store.listen();
    process.env['STORE_KEY'] = 'key-of-the-store';
  });
  afterEach(() => {
    store.close();
  });

  const start = async (more: object) => {
    const secret = { env: 'STORE_KEY' };
    const of = { endpoint, bucket: 'coding', accessKeyId: secret, secretAccessKey: secret };
    return TestApp.start(fixtures, {
      records: { store: of, spoolFolder: join(folder, 'spool'), flushSeconds: 1, ...more },
    });
  };
  const ask = async (app: TestApp, text = 'Culture du riz') =>
    fetch(`${app.url}/predict?prob_min=0&text_feature=${encodeURIComponent(text)}`);

  it('refuses when the spool is full, is not ready, and comes back', async () => {
    store.status = 503;
    const app = await start({ spoolBytes: 3000 });
    const statuses: number[] = [];
    for (let i = 0; i < 8; i++) statuses.push((await ask(app)).status);
    expect(statuses).toContain(200);
    expect(statuses.at(-1)).toBe(503);
    expect((await ask(app)).headers.get('retry-after')).toBe('10');
    expect(store.records).toHaveLength(0);
    store.status = 200;
    await eventually('another answer', async () => (await ask(app)).status === 200);
    const answered = statuses.filter((status) => status === 200).length + 1;
    expect(await app.stop()).toBe(true);
    expect(store.records).toHaveLength(answered);
  });

  it('drops records when it is told to, and counts them', async () => {
    store.status = 503;
    const app = await start({ spoolBytes: 3000, whenFull: 'drop' });
    for (let i = 0; i < 8; i++) expect((await ask(app)).status).toBe(200);
    expect(await app.metrics()).toMatch(/nace_records_dropped_total [1-9]/);
    expect((await fetch(`${app.managementUrl}/readyz`)).status).toBe(200);
    store.status = 200;
    expect(await app.stop()).toBe(true);
  });

  it('answers when the store has the records, if that is asked for', async () => {
    const app = await start({ durability: 'object-store', flushSeconds: 600 });
    const answers = await Promise.all(Array.from({ length: 20 }, async (_, i) => ask(app, `riz ${i}`)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(new Set(store.records.map(({ text }) => text)).size).toBe(20);
    expect(store.objects.size).toBeLessThan(20);
    await app.stop();
  });

  it.each([
    ['drop', { kind: 'drop' }, '', ''],
    [
      'hash',
      { kind: 'hash', key: { env: 'STORE_KEY' } },
      /^hmac-sha256:[0-9a-f]{64}$/,
      /^[0-9a-f]{16} [0-9a-f]{16} [0-9a-f]{16}$/,
    ],
  ])('masks free text: %s', async (_, masking, text, clean) => {
    const app = await start({ masking });
    await ask(app);
    await app.stop();
    const [only] = store.records;
    expect(only?.predictions[0]?.code).toBe('0112Z');
    expect(only?.text).toEqual(typeof text === 'string' ? text : expect.stringMatching(text));
    expect(only?.text_clean).toEqual(typeof clean === 'string' ? clean : expect.stringMatching(clean));
    expect([...store.objects.values()].join()).not.toMatch(/riz/);
  });
});
