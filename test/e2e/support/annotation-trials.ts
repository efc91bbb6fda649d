import { at, textAt } from './kubectl';
import { type Answer, idOf, type LocalLabelStudio, type Sent, type Visitor } from './local-label-studio';
import type { LocalStore } from './local-postgres';
import type { Outcome } from './tenancy-attempts';
import type { Trial } from './tenancy-table';

/** What people try at Label Studio. */

/** A server with what is in it before anybody tries anything. */
export interface Subject {
  readonly server: LocalLabelStudio;
  readonly store: LocalStore;
  readonly owner: Visitor;
  readonly alpha: Visitor;
  /** The same person where the other organisation is. */
  readonly intruder: Visitor;
  readonly own: { readonly project: number; readonly storage: number; readonly export: number };
  readonly other: {
    readonly organization: number;
    readonly project: number;
    readonly task: number;
    readonly annotation: number;
    readonly storage: number;
    /** Path of its page. */
    readonly file: string;
  };
}

/** Bucket of the storages. */
export const BUCKET = 'surveys';
/** What an annotation says. */
export const RESULT = [{ from_name: 'c', to_name: 't', type: 'choices', value: { choices: ['yes'] } }];

/** Refused is what has no answer, or leads to the page where people sign in. */
const judged = ({ status }: Answer): Outcome =>
  status >= 200 && status < 300
    ? 'allowed'
    : [302, 400, 401, 403, 404, 405].includes(status)
      ? 'Label Studio'
      : String(status);

type Act = (subject: Subject) => Promise<Outcome>;
type OfSubject<T> = (subject: Subject) => T;

const by =
  (who: 'alpha' | 'intruder') =>
  (path: OfSubject<string>, sent: Sent | OfSubject<Sent> = {}): Act =>
  async (subject) =>
    judged(await subject[who].ask(path(subject), typeof sent === 'function' ? sent(subject) : sent));
const asks = by('alpha');
const intrudes = by('intruder');

/** Passes where an answer has a text in it. */
const sees =
  (text: OfSubject<string>, ...paths: readonly OfSubject<string>[]): Act =>
  async (subject) => {
    for (const path of paths) {
      const { body } = await subject.alpha.ask(path(subject));
      if (body.includes(text(subject))) return 'allowed';
    }
    return 'Label Studio';
  };

const s3 = (subject: Subject, more: object = {}) => ({ project: subject.own.project, bucket: BUCKET, ...more });

/** The same, of answers that must be there. */
const tells =
  (text: OfSubject<string>, ...paths: readonly OfSubject<string>[]): Act =>
  async (subject) => {
    // One after the other: they share a file of cookies.
    const statuses: number[] = [];
    for (const path of paths) statuses.push((await subject.alpha.ask(path(subject))).status);
    return statuses.every((status) => status === 200) ? sees(text, ...paths)(subject) : statuses.join(' ');
  };

type Row = readonly [string, Act, Outcome?, Outcome?];

const STRANGERS: readonly Row[] = [
  ['asks without an account', async ({ server }) => judged(await server.visitor().ask('/api/projects/'))],
  [
    'signs up without a link',
    async ({ server }) => {
      const stranger = server.visitor();
      const status = await stranger.signUp('stranger@example.org');
      return status === 302 ? 'allowed' : 'Label Studio';
    },
    'allowed',
  ],
  [
    'has signed up without a link, and reads a project',
    async ({ server, own }) => {
      const stranger = server.visitor();
      await stranger.signUp('reader@example.org');
      return judged(await stranger.ask(`/api/projects/${own.project}/`));
    },
    'allowed',
  ],
  [
    'signs up with a link that the owner has taken back',
    async ({ server, owner }) => {
      const link = textAt(await owner.call('/api/invite'), 'invite_url');
      await owner.call('/api/invite/reset-token', { method: 'POST' });
      return (await server.visitor().signUp('late@example.org', link)) === 302 ? 'allowed' : 'Label Studio';
    },
  ],
  [
    'signs up with the link of the owner',
    async ({ server, owner }) => {
      const link = textAt(await owner.call('/api/invite'), 'invite_url');
      return (await server.visitor().signUp('guest@example.org', link)) === 302 ? 'allowed' : 'Label Studio';
    },
    'allowed',
    'allowed',
  ],
  [
    'reads answers from a page of another site',
    async ({ alpha }) => {
      const { headers } = await alpha.ask('/api/projects/', { headers: ['Origin: https://evil.example.org'] });
      return /^access-control-allow-origin:/im.test(headers) ? 'allowed' : 'Label Studio';
    },
    'allowed',
  ],
];

const OTHERS: readonly Row[] = [
  ['reads a project of another organisation', intrudes(({ other }) => `/api/projects/${other.project}/`)],
  [
    'sees it in the list of all',
    async ({ intruder }) =>
      (await intruder.ask('/api/projects/')).body.includes('of-beta') ? 'allowed' : 'Label Studio',
  ],
  ['reads a task there', intrudes(({ other }) => `/api/tasks/${other.task}/`)],
  ['reads the annotations of a task there', intrudes(({ other }) => `/api/tasks/${other.task}/annotations/`)],
  ['reads an annotation there', intrudes(({ other }) => `/api/annotations/${other.annotation}/`), 'allowed'],
  [
    'annotates there',
    intrudes(({ other }) => `/api/tasks/${other.task}/annotations/`, { json: { result: RESULT } }),
    'allowed',
  ],
  ['exports it', intrudes(({ other }) => `/api/projects/${other.project}/export?exportType=JSON`)],
  [
    'renames it',
    intrudes(({ other }) => `/api/projects/${other.project}/`, { method: 'PATCH', json: { title: 'mine' } }),
  ],
  [
    'puts tasks into it',
    intrudes(({ other }) => `/api/projects/${other.project}/import`, { json: [{ text: 'of alpha' }] }),
  ],
  ['deletes it', intrudes(({ other }) => `/api/projects/${other.project}/`, { method: 'DELETE' })],
  ['reads a file that was put there', intrudes(({ other }) => other.file), 'allowed'],
  ['reads a storage there', intrudes(({ other }) => `/api/storages/s3/${other.storage}`), 'allowed'],
  ['lists the storages there', intrudes(({ other }) => `/api/storages/s3/?project=${other.project}`), 'allowed'],
  [
    'reads from a storage there',
    intrudes(({ other }) => `/api/storages/s3/${other.storage}/sync`, { method: 'POST' }),
    'allowed',
  ],
  [
    'changes a storage there',
    intrudes(({ other }) => `/api/storages/s3/${other.storage}`, { method: 'PATCH', json: { title: 'of alpha' } }),
    'allowed',
  ],
  [
    'makes a storage there',
    intrudes(
      () => '/api/storages/s3/',
      (subject) => ({ json: s3(subject, { project: subject.other.project }) }),
    ),
    'allowed',
  ],
  [
    'lists files with the credentials of a storage there',
    intrudes(
      () => '/api/storages/s3/files',
      (subject) => ({ json: s3(subject, { id: subject.other.storage }) }),
    ),
    'allowed',
  ],
  [
    'makes a storage of its own with the credentials of a storage there',
    intrudes(
      () => '/api/storages/s3/',
      (subject) => ({ json: s3(subject, { id: subject.other.storage }) }),
    ),
    'allowed',
  ],
  ['reads the other organisation', intrudes(({ other }) => `/api/organizations/${other.organization}`)],
  ['reads who is in it', intrudes(({ other }) => `/api/organizations/${other.organization}/memberships`)],
];

const secret = ({ store }: Subject) => store.secretAccessKey;

const SECRETS: readonly Row[] = [
  [
    'reads the credentials of a storage back',
    tells(
      secret,
      ({ own }) => `/api/storages/s3/${own.storage}`,
      ({ own }) => `/api/storages/s3/?project=${own.project}`,
      ({ own }) => `/api/storages/?project=${own.project}`,
      ({ own }) => `/projects/${own.project}/settings/storage`,
    ),
  ],
  [
    'reads those of a storage for results back',
    tells(
      secret,
      ({ own }) => `/api/storages/export/s3/${own.export}`,
      ({ own }) => `/api/storages/export/s3?project=${own.project}`,
      ({ own }) => `/api/storages/export?project=${own.project}`,
    ),
  ],
  [
    'gets them back from a change of the storage',
    async (subject) => {
      const sent = { method: 'PATCH', json: { title: 'new' } };
      const { status, body } = await subject.alpha.ask(`/api/storages/s3/${subject.own.storage}`, sent);
      if (status !== 200) return String(status);
      return body.includes(secret(subject)) ? 'allowed' : 'Label Studio';
    },
  ],
  [
    'reads the variables of the server through a storage of files',
    asks(
      () => '/api/storages/localfiles/',
      ({ own }) => ({ json: { project: own.project, path: '/proc/self', use_blob_urls: true } }),
    ),
  ],
  ...[
    '/data/local-files/?d=etc/passwd',
    '/data/upload/../../../../../etc/passwd',
    '/data/upload/..%2f..%2f..%2f..%2fetc%2fpasswd',
    '/storage-data/uploaded/?filepath=upload/../../../../../etc/passwd',
  ].map((path): Row => [
    `reads a file of the server: ${path}`,
    sees(
      () => 'root:x:0',
      () => path,
    ),
  ]),
  [
    'has the server ask an address of the network: a task',
    asks(
      ({ own }) => `/api/projects/${own.project}/import`,
      ({ store }) => ({ form: { url: `${store.endpoint}/minio/health/live` } }),
    ),
  ],
  [
    'has the server ask an address of the network: a webhook',
    asks(
      () => '/api/webhooks/',
      ({ own, store }) => ({ json: { project: own.project, url: `${store.endpoint}/` } }),
    ),
  ],
  [
    'has the server ask an address of the network: a storage',
    asks(
      () => '/api/storages/s3/',
      (subject) => ({ json: s3(subject, { s3_endpoint: subject.store.endpoint }) }),
    ),
  ],
  [
    'comes with a token that never ends',
    async ({ server, alpha }) => {
      const token = textAt(await alpha.call('/api/current-user/token'), 'token');
      return judged(await server.visitor().ask('/api/projects/', { headers: [`Authorization: Token ${token}`] }));
    },
  ],
  [
    'makes itself an administrator',
    async ({ alpha }) => {
      const me = idOf(await alpha.call('/api/current-user/whoami'));
      const json = { is_superuser: true, is_staff: true };
      await alpha.ask(`/api/users/${me}/`, { method: 'PATCH', json });
      return judged(await alpha.ask('/admin/'));
    },
  ],
];

/** Last, for afterwards `alpha` is somewhere else. */
const MOVERS: readonly Row[] = [
  [
    'makes itself a member of another organisation',
    async ({ alpha, intruder, other }) => {
      const me = idOf(await alpha.call('/api/current-user/whoami'));
      const json = { active_organization: other.organization };
      await intruder.ask(`/api/users/${me}/`, { method: 'PATCH', json });
      return judged(await intruder.ask(`/api/projects/${other.project}/`));
    },
    'allowed',
  ],
];

/** Somebody whom the owner invited and then removed, and a token that they had made before. */
async function leaver({ server, owner }: Subject, name: string) {
  const visitor = server.visitor();
  await visitor.signUp(`${name}@example.org`, textAt(await owner.call('/api/invite'), 'invite_url'));
  const me = await visitor.call('/api/current-user/whoami');
  const refresh = textAt(await visitor.call('/api/token/', { method: 'POST', json: {} }), 'token');
  const token = textAt(await visitor.call('/api/token/refresh/', { method: 'POST', json: { refresh } }), 'access');
  const membership = `/api/organizations/${String(at(me, 'active_organization'))}/memberships/${idOf(me)}/`;
  await owner.call(membership, { method: 'DELETE' });
  return { visitor, token };
}

const LEAVERS: readonly Row[] = [
  [
    'was removed by the owner, and reads a project',
    async (subject) =>
      judged(await (await leaver(subject, 'reader2')).visitor.ask(`/api/projects/${subject.own.project}/`)),
  ],
  [
    'was removed by the owner, and sees the projects in the list of all',
    async (subject) => {
      const { body } = await (await leaver(subject, 'lister')).visitor.ask('/api/projects/');
      return body.includes('of-alpha') ? 'allowed' : 'Label Studio';
    },
    'allowed',
  ],
  [
    'was removed by the owner, and makes a project',
    async (subject) => {
      const { visitor } = await leaver(subject, 'maker');
      return judged(await visitor.ask('/api/projects/', { json: { title: 'of a leaver' } }));
    },
    'allowed',
  ],
  [
    'was removed by the owner, and comes with a token that was made before',
    async (subject) => {
      const { token } = await leaver(subject, 'program');
      const { body } = await subject.server
        .visitor()
        .ask('/api/projects/', { headers: [`Authorization: Bearer ${token}`] });
      return body.includes('of-alpha') ? 'allowed' : 'Label Studio';
    },
  ],
];

/** In the order in which they are tried. */
export const TRIALS: readonly Trial<Subject>[] = [
  ...[...STRANGERS, ...OTHERS, ...SECRETS, ...MOVERS].map((row) => ['T28', ...row] as const),
  ...LEAVERS.map((row) => ['T30', ...row] as const),
].map(([id, what, act, without = 'Label Studio', withIt = 'Label Studio']) => ({
  test: id,
  what,
  act,
  without,
  with: withIt,
}));
