import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { TestApp } from './support/app.js';

const fixtures = inject('fixtures');
interface Golden {
  query: { text: string };
  text: string;
  predictions: [string, number][];
}
const golden = readFileSync(join(fixtures, 'version-1.golden.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Golden);
type Item = { IC: number } & Record<string, { code: string; probabilite: number; libelle: string }>;

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start(fixtures);
});
afterAll(async () => {
  await app.stop();
});

const get = async (path: string) => fetch(`${app.url}${path}`);
const item = async (path: string) => (await (await get(path)).json()) as Item;
const RICE = golden.find(({ query }) => query.text === 'Culture du riz') as Golden;

describe('the generation of fastText', () => {
  it('codes a description as the Python library does', async () => {
    const answer = await item('/predict?text_feature=Culture%20du%20riz&prob_min=0');
    const codes = RICE.predictions.map(
      ([code, probabilite], rank) => [String(rank + 1), { code, probabilite }] as const,
    );
    for (const [rank, { code, probabilite }] of codes) {
      expect(answer[rank]?.code).toBe(code);
      expect(answer[rank]?.probabilite).toBeCloseTo(probabilite, 6);
    }
    expect(answer['1']?.libelle).toBe('Culture du riz');
    expect(answer.IC).toBeCloseTo((RICE.predictions[0]?.[1] ?? 0) - (RICE.predictions[1]?.[1] ?? 0), 6);
    expect(Object.keys(answer)).toEqual(['1', '2', '3', '4', '5', 'IC']);
  });

  it('gives the index even when one code is asked for', async () => {
    const whole = await item('/predict?text_feature=Culture+du+riz');
    const one = await item('/predict?text_feature=Culture+du+riz&nb_echos_max=1');
    expect(Object.keys(one)).toEqual(['1', 'IC']);
    expect(one.IC).toBe(whole.IC);
  });

  it('ends the list where the probability is no more than the least', async () => {
    const [, second = ['', 0]] = RICE.predictions;
    const answer = await item(`/predict?text_feature=Culture+du+riz&prob_min=${second[1].toFixed(6)}`);
    expect(answer['1']).toBeDefined();
    expect(answer['3']).toBeUndefined();
    const refused = await get('/predict?text_feature=Culture+du+riz&prob_min=1');
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('higher than the highest probability');
  });

  it('leaves a description without a word to a person', async () => {
    const answer = await item('/predict?text_feature=12345&with_decision=true');
    expect(answer).toEqual({
      IC: 0,
      decision: { codification: 'manual', reason: 'empty', index: 'margin', threshold: 0.5 },
    });
  });

  it('codes parallel lists, and takes what stands for a missing value', async () => {
    const text_description = ['Culture du riz', 'Culture de la canne à sucre'];
    const body = {
      text_description,
      type_: ['NAN', 'X'],
      nature: [null, '20'],
      surface: ['', '2'],
      event: ['nan', '01P'],
    };
    const answer = await app.post('/predict-batch?nb_echos_max=2', body);
    expect(answer.status).toBe(200);
    const items = (await answer.json()) as Item[];
    expect(items.map((each) => each['1']?.code)).toEqual([RICE.predictions[0]?.[0], '0114Z']);
  });

  it('compares with known codes, column by column', async () => {
    const answer = await app.post('/evaluation', {
      text_description: ['Culture du riz', '123'],
      code: ['0112Z', '0111Z'],
    });
    const columns = (await answer.json()) as Record<string, Record<string, unknown>>;
    expect(columns).toMatchObject({
      Prediction: { 0: '0112Z', 1: null },
      Code: { 0: '0112Z', 1: '0111Z' },
      Result: { 0: true, 1: false },
      Lib: { 0: 'Culture du riz', 1: null },
      IC: { 1: 0 },
    });
  });

  it('says what serves', async () => {
    expect(await (await get('/')).json()).toMatchObject({ Model_name: 'nace', Model_version: '1', Metrics: {} });
  });
});

describe('the present generation', () => {
  it('codes forms, reads further descriptions, and makes classes of surfaces', async () => {
    const forms = [
      {
        description_activity: 'Culture du riz',
        surface: 120,
        cj: '1000',
        activity_permanence_status: 'P',
        type_form: 'A',
      },
      { description_activity: 'Culture', precision_act_sec_agricole: 'du riz', other_nature_activity: null },
    ];
    const answer = await app.post('/predict/?nb_echos_max=1', { forms });
    expect(answer.status).toBe(200);
    const items = (await answer.json()) as Item[];
    expect(items.map((each) => each['1']?.code)).toEqual(['0112Z', '0112Z']);
    expect(items[0]).toHaveProperty('MLversion', '1');
    expect(items[0]?.IC).toBe(items[1]?.IC);
  });
});

describe('the Open Inference Protocol', () => {
  const infer = { id: 'a', inputs: [{ name: 'text', datatype: 'BYTES', shape: [2], data: ['Culture du riz', '12'] }] };

  it('gives tensors', async () => {
    const answer = await app.post('/v2/models/nace/infer', { ...infer, parameters: { count: 2 } });
    const body = (await answer.json()) as { outputs: { name: string; shape: number[]; data: unknown[] }[] };
    const tensor = (name: string) => body.outputs.find((each) => each.name === name);
    expect(body).toMatchObject({ id: 'a', model_name: 'nace', model_version: '1' });
    expect(tensor('code')).toMatchObject({ shape: [2, 2], data: ['0112Z', RICE.predictions[1]?.[0], '', ''] });
    expect(tensor('decision')?.data[1]).toBe('manual');
    expect(tensor('reason')?.data[1]).toBe('empty');
  });

  it('knows one model in one version', async () => {
    expect((await app.post('/v2/models/nace/versions/1/infer', infer)).status).toBe(200);
    expect((await app.post('/v2/models/nace/versions/2/infer', infer)).status).toBe(404);
    expect((await get('/v2/models/other')).status).toBe(404);
    expect(await (await get('/v2/models/nace/versions/1/ready')).json()).toEqual({ name: 'nace', ready: true });
    expect(await (await get('/v2/health/ready')).json()).toEqual({ ready: true });
    expect((await (await get('/v2/models/nace')).json()) as object).toMatchObject({
      platform: 'fasttext',
      versions: ['1'],
    });
  });
});

describe('explanations', () => {
  it('add up to the score', async () => {
    const answer = await app.post('/explain', { text: 'Culture du riz', codes: ['0112Z', '0111Z'] });
    const { explanations } = (await answer.json()) as {
      explanations: { code: string; score: number; end: number; words: { word: string; contribution: number }[] }[];
    };
    expect(explanations.map(({ code }) => code)).toEqual(['0112Z', '0111Z']);
    for (const { words, end, score } of explanations) {
      expect(words.reduce((total, { contribution }) => total + contribution, end)).toBeCloseTo(score, 9);
    }
    const [rice, cereals] = explanations;
    const part = (of: typeof rice, name: string) => of?.words.find(({ word }) => word === name)?.contribution ?? 0;
    expect(part(rice, 'riz')).toBeGreaterThan(part(cereals, 'riz'));
    // With softmax the difference of two scores is the logarithm of the proportion of their probabilities.
    const probability = (code: string) => RICE.predictions.find(([each]) => each === code)?.[1] ?? NaN;
    const second = RICE.predictions[1]?.[0] ?? '';
    const other = (await (await app.post('/explain', { text: 'Culture du riz', codes: [second] })).json()) as {
      explanations: { score: number }[];
    };
    const difference = (rice?.score ?? 0) - (other.explanations[0]?.score ?? 0);
    expect(difference).toBeCloseTo(Math.log(probability('0112Z') / probability(second)), 2);
  });
});

describe('what operators read', () => {
  it('counts descriptions by decision, and names the version', async () => {
    const before = await app.metrics();
    const value = (text: string, name: string) => Number(new RegExp(`^${name} ([0-9.]+)$`, 'm').exec(text)?.[1]);
    const empty = value(before, 'nace_empty_total');
    await app.post('/predict-batch', { text_description: ['12', 'Culture du riz'] });
    const after = await app.metrics();
    expect(value(after, 'nace_empty_total')).toBe(empty + 1);
    expect(after).toContain('nace_model_info{slot="main",model="nace",version="1"} 1');
    expect(after).toContain('nace_confidence_threshold 0.5');
    expect(value(after, 'nace_requests_in_flight')).toBe(0);
  });

  it('describes every route in OpenAPI', async () => {
    const document = (await (await get('/openapi.json')).json()) as { paths: Record<string, Record<string, unknown>> };
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((each) => `${each} ${path}`),
    );
    expect(described).toEqual(
      expect.arrayContaining([
        'get /',
        'get /predict',
        'post /predict',
        'post /predict-batch',
        'post /evaluation',
        'post /explain',
        'post /v2/models/{model}/infer',
        'post /v2/models/{model}/versions/{version}/infer',
        'get /readyz',
      ]),
    );
  });
});
