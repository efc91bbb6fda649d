import { createHash, createHmac } from 'node:crypto';
import { ensurePrograms } from '../../tools/cluster/programs';
import { ensureDebian } from './support/debian';
import { type Credentials, type PeopleStore, PrefixStore, TenantStore } from './support/people-store';
import type { Outcome } from './support/tenancy-attempts';
import { expectDocumented, testTrials, type Trial, tryAll } from './support/tenancy-table';
import { TokenIssuer } from './support/token-issuer';
import { sleep } from './support/waiting';
import { silentProgress } from '../../tools/cluster/progress';

/**
 * What people try at an object store: at one with one policy by prefix, and at the platform's. `alpha` is a member of the project
 * `census`, `al` and `beta` are not.
 */

const WEEK = 7 * 24 * 3600;
const DAY = 24 * 3600;
const DENIED = /Access ?Denied|Insufficient permissions|Access Key Id you provided does not exist/;

type Person = 'alpha' | 'beta' | 'al' | 'leaver';

/** A store with what is in it before anybody tries anything. */
interface Subject {
  readonly store: PeopleStore;
  readonly as: Readonly<Record<Person, Credentials | string>>;
  /** Of alpha; they end with the token that they were asked for with, at once. */
  readonly brief: Credentials | string;
  /** Versions of two objects of the project that were deleted. */
  readonly versions: Readonly<Record<'first' | 'second', string>>;
}

const succeeded = ({ code, output }: { readonly code: unknown; readonly output: string }): Outcome =>
  code === 0 ? 'allowed' : DENIED.test(output) ? 'MinIO' : output.trim();

/** What comes of a command of mc. */
const mc =
  (person: Person, ...args: readonly string[]) =>
  async ({ store, as }: Subject): Promise<Outcome> =>
    succeeded(await store.person(as[person], ...args));

/** What comes of a request without credentials. */
const anonymous =
  (path: string) =>
  async ({ store }: Subject): Promise<Outcome> => {
    const { status } = await fetch(`${store.url}${path}`);
    return status === 200 ? 'allowed' : status === 403 ? 'MinIO' : String(status);
  };

/** What comes of asking for credentials. */
const login =
  (token: (store: PeopleStore) => string, seconds?: number) =>
  async ({ store }: Subject): Promise<Outcome> => {
    const answer = await store.assume(token(store), seconds);
    if (typeof answer !== 'string') return 'allowed';
    return /InvalidParameterValue|ExpiredToken|AccessDenied/.test(answer) ? 'MinIO' : answer;
  };

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** A link that lets whoever has it read an object, signed as S3 wants it (AWS Signature Version 4). */
function presigned(store: PeopleStore, path: string, credentials: Credentials | string): string {
  if (typeof credentials === 'string') throw new Error(credentials);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const scope = `${day}/us-east-1/s3/aws4_request`;
  const query = new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': '300',
    'X-Amz-Security-Token': sessionToken,
    'X-Amz-SignedHeaders': 'host',
  }).toString();
  const request = ['GET', path, query, `host:${new URL(store.url).host}\n`, 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n');
  const key = [day, 'us-east-1', 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  return `${path}?${query}&X-Amz-Signature=${hmac(key, text).toString('hex')}`;
}

const link =
  (person: Person, path: string) =>
  async (subject: Subject): Promise<Outcome> =>
    anonymous(presigned(subject.store, path, subject.as[person]))(subject);

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of beta that somebody wrote. */
function forged(store: PeopleStore, header: object, sign: (text: string) => string): string {
  const payload = store.tokenOf('beta').split('.')[1] ?? '';
  const text = `${encode({ typ: 'JWT', ...header })}.${payload}`;
  return `${text}.${sign(text)}`;
}

/** A token of alpha whose name was changed to beta's. */
function renamed(store: PeopleStore): string {
  const [header, payload = '', signature] = store.tokenOf('alpha').split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
  return [header, encode({ ...claims, preferred_username: 'beta' }), signature].join('.');
}

const TRIALS: readonly Trial<Subject>[] = [
  ...(
    [
      ['lists the bucket of another', mc('alpha', 'ls', 'store/user-beta'), 'MinIO'],
      ['reads the bucket of another', mc('alpha', 'cat', 'store/user-beta/kept'), 'MinIO'],
      ['lists a bucket whose name begins like its own', mc('al', 'ls', 'store/user-alpha'), 'allowed'],
      ['reads there', mc('al', 'cat', 'store/user-alpha/kept'), 'allowed'],
      ['writes there', mc('al', 'pipe', 'store/user-alpha/from-al'), 'allowed'],
      ['deletes there', mc('al', 'rm', 'store/user-alpha/kept'), 'allowed'],
      ['makes a bucket whose name begins like its own', mc('alpha', 'mb', 'store/user-alpha-2'), 'allowed'],
      ['makes a bucket of any name', mc('alpha', 'mb', 'store/of-nobody'), 'MinIO'],
      ['reads the bucket of a program', mc('alpha', 'ls', 'store/of-a-program'), 'MinIO'],
      ['signs a link to an object of another', link('alpha', '/user-beta/kept'), 'MinIO'],
      ['signs a link into a bucket whose name begins like its own', link('al', '/user-alpha/signed'), 'allowed'],
      [
        'sees buckets of others in the list of all',
        async ({ store, as }: Subject) => {
          const { stdout } = await store.person(as.al, 'ls', 'store');
          return stdout.includes('user-alpha') ? 'allowed' : 'MinIO';
        },
        'allowed',
      ],
      ['lets everyone read its own bucket', mc('alpha', 'anonymous', 'set', 'public', 'store/user-alpha'), 'allowed'],
      [
        'comes with a token of another client',
        login((store) => store.tokenOf('gamma', [], { aud: ['vault'], azp: 'vault' })),
        'MinIO',
      ],
      [
        'comes with a token that has ended',
        login((store) => store.tokenOf('gamma', [], { exp: 1_700_000_000 })),
        'MinIO',
      ],
      ['writes the name of another into its token', login(renamed), 'MinIO'],
      [
        'writes a token of another without a signature',
        login((store) => forged(store, { alg: 'none' }, () => '')),
        'MinIO',
      ],
      [
        'signs a token of another with an empty key',
        login((store) => forged(store, { alg: 'HS256', kid: 'minio' }, (text) => hmac('', text).toString('base64url'))),
        'allowed',
      ],
      ['asks for credentials for a week', login((store) => store.tokenOf('gamma'), WEEK), 'allowed'],
      [
        'uses credentials that have ended',
        async ({ store, brief }: Subject) => succeeded(await store.person(brief, 'ls', 'store/user-alpha')),
        'MinIO',
      ],
    ] as const
  ).map(([what, act, without]) => ({ test: 'T23', what, act, without, with: 'MinIO' })),
  ...(
    [
      ['reads the bucket of a project that it is not in', mc('beta', 'cat', 'store/projet-census/kept'), 'allowed'],
      ['lists it', mc('beta', 'ls', 'store/projet-census'), 'allowed'],
      ['deletes there', mc('beta', 'rm', 'store/projet-census/kept'), 'allowed'],
      [
        'deletes an old version there',
        async ({ store, as, versions }: Subject) =>
          succeeded(await store.person(as.beta, 'rm', '--version-id', versions.first, 'store/projet-census/first')),
        'allowed',
      ],
      ['switches versions off there', mc('beta', 'version', 'suspend', 'store/projet-census'), 'allowed'],
      [
        'deletes an old version in its own project',
        async ({ store, as, versions }: Subject) =>
          succeeded(await store.person(as.alpha, 'rm', '--version-id', versions.second, 'store/projet-census/second')),
        'allowed',
      ],
      ['asks without any token for the list of buckets', anonymous('/'), 'MinIO'],
      ...['user-alpha', 'user-beta', 'projet-census', 'of-a-program'].flatMap((bucket) => {
        const opened = bucket === 'user-alpha' ? 'allowed' : 'MinIO';
        return [
          [`lists ${bucket} without any token`, anonymous(`/${bucket}/`), opened],
          [`reads ${bucket} without any token`, anonymous(`/${bucket}/signed`), opened],
        ] as const;
      }),
    ] as const
  ).map(([what, act, without]) => ({ test: 'T24', what, act, without, with: 'MinIO' })),
  ...(
    [
      [
        'makes an access key that outlives its credentials',
        mc('leaver', 'admin', 'accesskey', 'create', 'store/'),
        'allowed',
        'MinIO',
      ],
      [
        'was removed and goes on with its credentials until they end',
        mc('leaver', 'ls', 'store/projet-census'),
        'allowed',
        'allowed',
      ],
      [
        'left its project, logged in again, and goes on with credentials from before',
        async (subject: Subject) => {
          await subject.store.assume(subject.store.tokenOf('leaver'));
          return mc('leaver', 'ls', 'store/projet-census')(subject);
        },
        'allowed',
        'MinIO',
      ],
    ] as const
  ).map(([what, act, without, now]) => ({ test: 'T30', what, act, without, with: now })),
];

/** Fills a store that runs. */
async function prepare(store: PeopleStore): Promise<Subject> {
  const as = {
    alpha: await store.assume(store.tokenOf('alpha', ['census'])),
    beta: await store.assume(store.tokenOf('beta')),
    al: await store.assume(store.tokenOf('al')),
    leaver: await store.assume(store.tokenOf('leaver', ['census'])),
  };
  const now = Math.floor(Date.now() / 1000);
  const brief = await store.assume(store.tokenOf('alpha', ['census'], { exp: now + 5 }));
  const done = async (person: Person, ...args: readonly string[]) => {
    const { code, output } = await store.person(as[person], ...args);
    if (code !== 0) throw new Error(`${person} ${args.join(' ')}: ${output}`);
    return output;
  };
  for (const person of ['alpha', 'beta'] as const) {
    await done(person, 'mb', `store/user-${person}`);
    for (const name of ['kept', 'signed']) await done(person, 'pipe', `store/user-${person}/${name}`);
  }
  await store.root('version', 'enable', 'store/projet-census');
  for (const name of ['kept', 'signed', 'first', 'second']) await done('alpha', 'pipe', `store/projet-census/${name}`);
  await store.root('pipe', 'store/of-a-program/signed');
  const deleted = async (name: string) => {
    const { stdout } = await store.root('ls', '--json', '--versions', `store/projet-census/${name}`);
    await done('alpha', 'rm', `store/projet-census/${name}`);
    return (JSON.parse(stdout) as { versionId: string }).versionId;
  };
  const versions = { first: await deleted('first'), second: await deleted('second') };
  while (Date.now() < (now + 6) * 1000) await sleep(200);
  return { store, as, brief, versions };
}

describe('people at an object store', () => {
  let tokens: TokenIssuer;
  const stores: PeopleStore[] = [];
  let without: readonly Outcome[];
  let withThem: readonly Outcome[];

  beforeAll(async () => {
    await ensureDebian({ busybox: 'busybox-static' });
    await ensurePrograms(['minio', 'mc'], silentProgress);
    tokens = await TokenIssuer.start();
    const naive = await PrefixStore.create(tokens);
    stores.push(naive);
    await naive.serve();
    const tenant = await TenantStore.create(tokens, DAY, 'https://datalab.example.org');
    stores.push(tenant);
    await tenant.serve();
    const { code, output } = await tenant.provision();
    if (code !== 0) throw new Error(output);
    without = await tryAll(TRIALS, await prepare(naive));
    withThem = await tryAll(TRIALS, await prepare(tenant));
  });

  afterAll(async () => {
    for (const store of stores) await store.dispose();
    await tokens.stop();
  });

  testTrials(TRIALS, () => ({ without, with: withThem }));

  test('docs/tenancy.md tells what was seen', () => {
    expectDocumented(TRIALS);
  });
});
