import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { TestApp } from './support/app.js';

const fixtures = inject('fixtures');
const limits = {
  rowsPerRequest: 50,
  bodyBytes: 20_000,
  charactersPerLabel: 100,
  requestsPerSecond: 100_000,
  concurrentRequests: 20,
};

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start(fixtures, { limits });
});
afterAll(async () => {
  await app.stop();
});

const JSON_TYPE = { 'content-type': 'application/json' };
const raw = (body: string | Buffer, headers: Record<string, string> = JSON_TYPE): RequestInit => ({
  method: 'POST',
  headers,
  body: typeof body === 'string' ? body : new Uint8Array(body),
});
const json = (body: unknown): RequestInit => raw(JSON.stringify(body));
const text = (count: number, label = 'riz') => Array.from({ length: count }, () => label);
const tensor = (data: unknown, shape: unknown = [1], name = 'text') => ({
  inputs: [{ name, datatype: 'BYTES', shape, data }],
});
const INFER = '/v2/models/nace/infer';

describe('a request that is wrong is answered 4xx, with what is wrong', () => {
  it.each<[string, string, RequestInit | undefined, number, string]>([
    ['no text', '/predict', undefined, 422, 'text_feature'],
    ['an empty text', '/predict?text_feature=%20', undefined, 400, 'empty description'],
    ['a long text', `/predict?text_feature=${'x'.repeat(101)}`, undefined, 422, 'at most 100'],
    ['a wrong type', '/predict?text_feature=riz&type_liasse=Z1', undefined, 400, 'one letter'],
    ['a type that is none', '/predict?text_feature=riz&type_liasse=F', undefined, 400, 'one letter'],
    ['a wrong nature', '/predict?text_feature=riz&nature=1', undefined, 400, 'two digits'],
    ['a wrong surface', '/predict?text_feature=riz&surface=5', undefined, 400, '1 to 4'],
    ['a wrong event', '/predict?text_feature=riz&event=01Z', undefined, 400, '01P'],
    ['no number', '/predict?text_feature=riz&nb_echos_max=a', undefined, 422, 'nb_echos_max'],
    ['no code at all', '/predict?text_feature=riz&nb_echos_max=0', undefined, 422, 'nb_echos_max'],
    ['an impossible probability', '/predict?text_feature=riz&prob_min=2', undefined, 422, 'prob_min'],
    ['an address that is no UTF-8', '/predict?text_feature=%E9', undefined, 400, 'no UTF-8'],
    ['no JSON', '/predict-batch', raw('{"text_description": ['), 400, 'no JSON'],
    ['no UTF-8', '/predict-batch', raw(Buffer.from([0x22, 0xe9, 0x22])), 400, 'no UTF-8'],
    ['no body', '/predict-batch', { method: 'POST' }, 422, 'body'],
    ['another type of content', '/predict-batch', raw('a=b', { 'content-type': 'text/plain' }), 415, 'Unsupported'],
    ['another structure', '/predict-batch', json([]), 422, 'body'],
    ['no list', '/predict-batch', json({ text_description: 'riz' }), 422, 'text_description'],
    ['an empty list', '/predict-batch', json({ text_description: [] }), 422, 'text_description'],
    ['a number for a text', '/predict-batch', json({ text_description: [1] }), 422, 'text_description'],
    ['empty descriptions', '/predict-batch', json({ text_description: ['riz', '', null] }), 400, 'at 1, 2'],
    [
      'lists of other lengths',
      '/predict-batch',
      json({ text_description: ['riz'], nature: [] }),
      400,
      '0 values given',
    ],
    ['too many rows', '/predict-batch', json({ text_description: text(51) }), 413, 'at most 50'],
    ['too many bytes', '/predict-batch', json({ text_description: text(50, 'x'.repeat(500)) }), 413, 'too large'],
    ['no codes to compare', '/evaluation', json({ text_description: ['riz'] }), 422, 'code'],
    ['too few codes', '/evaluation', json({ text_description: ['riz'], code: [] }), 400, '0 values given'],
    ['no forms', '/predict/', json({ forms: [] }), 422, 'forms'],
    ['a blank description', '/predict/', json({ forms: [{ description_activity: ' ' }] }), 422, 'description_activity'],
    [
      'a text for a surface',
      '/predict/',
      json({ forms: [{ description_activity: 'riz', surface: '12' }] }),
      422,
      'surface',
    ],
    ['a wrong category', '/predict/', json({ forms: [{ description_activity: 'riz', cj: '12' }] }), 422, 'four digits'],
    [
      'too many forms',
      '/predict/',
      json({ forms: text(51).map((each) => ({ description_activity: each })) }),
      413,
      '50',
    ],
    ['no tensors', INFER, json({}), 422, 'inputs'],
    ['another tensor', INFER, json(tensor(['riz'], [1], 'x')), 400, 'text'],
    ['a wrong shape', INFER, json(tensor(['riz'], [2])), 400, 'shape'],
    ['a negative shape', INFER, json(tensor(['riz'], [-1])), 422, 'shape'],
    ['numbers for texts', INFER, json(tensor([1])), 422, 'data'],
    ['too many descriptions', INFER, json(tensor(text(51), [51])), 413, 'at most 50'],
    ['an unknown output', INFER, json({ ...tensor(['riz']), outputs: [{ name: 'y' }] }), 400, 'unknown'],
    ['another model', '/v2/models/a%2Fb/infer', json(tensor(['riz'])), 404, 'does not serve here'],
    ['an unknown code', '/explain', json({ text: 'riz', codes: ['0'] }), 422, 'no code of the model'],
    ['an unknown key', '/explain', json({ text: 'riz', model: 'x' }), 422, 'model'],
    ['a prototype', '/explain', raw('{"text":"riz","__proto__":{"admin":true}}'), 422, '__proto__'],
    ['an unknown address', '/nothing', undefined, 404, 'Not Found'],
    ['an address that cannot be read', '/%', undefined, 400, ''],
    ['another method', '/predict-batch', undefined, 404, 'Not Found'],
  ])('%s', async (_, path, init, status, expected) => {
    const answer = await fetch(`${app.url}${path}`, init);
    const body = await answer.text();
    expect({ status: answer.status, body }).toEqual({ status, body: expect.stringContaining(expected) as string });
    expect(JSON.parse(body)).toHaveProperty(path.startsWith('/v2') ? 'error' : path === '/%' ? 'message' : 'detail');
  });

  it('halves of surrogate pairs, zeros and emoji are texts like others', async () => {
    const answer = await fetch(`${app.url}/predict-batch`, raw('{"text_description":["riz \\ud800 \\u0000 🍞"]}'));
    expect(answer.status).toBe(200);
  });

  it('bytes that are no HTTP are answered 400', async () => {
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(app.url).port), '127.0.0.1', () => socket.write('no http\r\n\r\n'));
      socket.on('data', (data) => {
        resolve(data.toString());
      });
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
  });

  it('200 at once are answered, or told to come back', async () => {
    const crowded = await TestApp.start(fixtures, { limits: { concurrentRequests: 4 } });
    try {
      const body = { text_description: text(500, 'culture du riz') };
      const statuses = await Promise.all(
        Array.from({ length: 200 }, async () => {
          const answer = await crowded.post('/predict-batch?prob_min=0', body);
          await answer.arrayBuffer();
          if (answer.status === 429) expect(answer.headers.get('retry-after')).toBe('1');
          return answer.status;
        }),
      );
      expect(new Set(statuses)).toEqual(new Set([200, 429]));
      expect((await fetch(`${crowded.url}/predict?text_feature=riz&prob_min=0`)).status).toBe(200);
    } finally {
      await crowded.stop();
    }
  });

  it('none of them was a 500', async () => {
    expect(await app.metrics()).not.toMatch(/status="5/);
  });
});

describe('limits', () => {
  it('more requests a second than allowed are told to come back', async () => {
    const slow = await TestApp.start(fixtures, { limits: { ...limits, requestsPerSecond: 5 } });
    try {
      const statuses: number[] = [];
      for (let i = 0; i < 12; i++)
        statuses.push((await fetch(`${slow.url}/predict?text_feature=riz&prob_min=0`)).status);
      expect(statuses.slice(0, 5)).toEqual([200, 200, 200, 200, 200]);
      expect(statuses).toContain(429);
      expect((await fetch(`${slow.url}/readyz`)).status).toBe(200);
    } finally {
      await slow.stop();
    }
  });
});

describe('schemas', () => {
  it('are fresh', async () => {
    const { schemas } = await import('../src/schemas.js');
    for (const [name, content] of Object.entries(schemas)) {
      expect(readFileSync(join(import.meta.dirname, '../schemas', name), 'utf8')).toBe(content);
    }
  });
});
