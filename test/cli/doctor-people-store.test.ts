import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { loadConfig } from '../../blueprints/load';
import { needsOf } from '../../cli/doctor/needs';
import { checkPeopleStore } from '../../cli/doctor/people-store';
import { type PeopleSetup, synthesize } from '../../constructs';

const CONFIG = join(__dirname, '../fixtures/config/sspcloud-people-at-aws.happy.yaml');
const ORIGIN = 'https://datalab.data.example.org';

let server: Server;
let stsUrl: string;
let setup: PeopleSetup;
let answer: { code: number; body: string; origin: string | undefined };
let asked: URLSearchParams;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
      response.statusCode = answer.code;
      if (answer.origin !== undefined) response.setHeader('access-control-allow-origin', answer.origin);
      response.end(answer.body);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  stsUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const loaded = loadConfig(CONFIG);
  const platform = loaded.compose();
  const [found] = needsOf(platform, synthesize(platform), Object.keys(loaded.images)).peopleStores;
  if (found === undefined) throw new Error('no store for people');
  setup = found;
});

beforeEach(() => {
  answer = {
    code: 400,
    body: '<ErrorResponse><Error><Code>InvalidIdentityToken</Code></Error></ErrorResponse>',
    origin: '*',
  };
});

afterAll(() => {
  server.close();
});

const look = () => checkPeopleStore({ ...setup, stsUrl });

test('a store that exchanges tokens, for the pages of the platform, is well', async () => {
  expect((await look())[0]).toEqual({ level: 'ok', title: 'object store for people', detail: stsUrl });
  expect(asked.get('RoleArn')).toBe('arn:aws:iam::123456789012:role/lab-office-people');
  answer.origin = ORIGIN;
  expect((await look())[0]?.level).toBe('ok');
});

test.each<[string, () => void, RegExp]>([
  ['has no STS', () => (answer.body = '<Error><Code>MethodNotAllowed</Code></Error>'), /answers MethodNotAllowed/],
  ['is no store', () => (answer = { code: 404, body: '<html>', origin: '*' }), /answers 404 without an error of STS/],
  [
    'lets no page call',
    () => (answer.origin = undefined),
    /lets no page of https:\/\/datalab\.data\.example\.org call it/,
  ],
  ['lets pages of others call', () => (answer.origin = 'https://other.example.org'), /lets no page of/],
])('one that %s fails', async (_, change, told) => {
  change();
  const [sts] = await look();
  expect(sts?.level).toBe('fail');
  expect(sts?.detail).toMatch(told);
});

test('one that cannot be asked is a warning, with the reason', async () => {
  const [sts] = await checkPeopleStore({ ...setup, stsUrl: 'http://127.0.0.1:9' });
  expect(sts?.level).toBe('warn');
  expect(sts?.detail).toMatch(/cannot be asked: /);
});

test('which roles and buckets there must be is told, for nobody sees it from here', async () => {
  const told = (await look()).slice(1);
  expect(told.map(({ level, title }) => [level, title])).toEqual([
    ['warn', 'role lab-office-people'],
    ['warn', 'role lab-stat-project-census'],
    ['warn', 'buckets at https://s3.eu-west-3.amazonaws.com'],
  ]);
  expect(told[1]?.remedy).toContain('make it for members of group census, as OBJECT-STORE.md says');
  expect(told[2]?.remedy).toContain('there are stat-user-USERNAME for each person, stat-project-census');
});
