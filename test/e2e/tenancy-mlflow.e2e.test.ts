import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Connections, type MlflowServer, type Platform, PlatformNamespace } from '../../constructs';
import { pythonWith } from '../../tools/quickstart/python';
import { freePort } from '../../tools/quickstart/port-forward';
import { ROOT, type Running, run, start } from './support/commands';
import { LocalMlflow, type Question } from './support/local-mlflow';
import { LocalStore, preparePostgres } from './support/local-postgres';
import type { Outcome } from './support/tenancy-attempts';
import { expectDocumented, testTrials, type Trial, tryAll } from './support/tenancy-table';
import { eventually } from './support/waiting';

/**
 * What people try at MLflow: at one that was started with accounts and whatever MLflow itself decides, and at the platform's. `beta` has
 * an experiment with a run, an artifact and a model; `alpha` has an experiment of its own.
 */

/** An MLflow that runs. */
interface Server {
  readonly url: string;
  readonly administrator: string;
}

/** A server with what is in it before anybody tries anything. */
interface Subject {
  readonly server: Server;
  readonly alpha: { readonly experiment: string };
  readonly beta: { readonly experiment: string; readonly run: string };
}

const ACCOUNTS = {
  alpha: 'alpha:password-of-alpha',
  beta: 'beta:password-of-beta',
  leaver: 'leaver:password-of-leaver',
} as const;
type Person = keyof typeof ACCOUNTS;

interface Asked extends Question {
  readonly method?: string;
  /** Sent as it is. */
  readonly data?: string;
}

/** Asks a server; curl, for fetch would tidy the path up. */
async function ask({ url }: Server, path: string, { as, json, method, data }: Asked = {}) {
  const quoted = (text: string) => JSON.stringify(text);
  const sent = data ?? (json === undefined ? undefined : JSON.stringify(json));
  const config = [
    `url = ${quoted(`${url}${path}`)}`,
    ...(as === undefined ? [] : [`user = ${quoted(as)}`]),
    ...(method === undefined ? [] : [`request = ${quoted(method)}`]),
    ...(json === undefined ? [] : [`header = "Content-Type: application/json"`]),
    ...(sent === undefined ? [] : [`data = ${quoted(sent)}`]),
  ];
  const args = ['--silent', '--path-as-is', '--max-time', '60', '--write-out', '\n%{http_code}', '--config', '-'];
  const { stdout } = await run('curl', args, { input: config.join('\n') });
  const end = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
}

/** The answer of a call that must succeed. */
async function call(server: Server, path: string, as: string, json: unknown): Promise<Record<string, unknown>> {
  const { status, body } = await ask(server, `/api/2.0/mlflow/${path}`, { as, json });
  if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
  return JSON.parse(body) as Record<string, unknown>;
}

const SEARCH = '/api/2.0/mlflow/experiments/search?max_results=100';
const ARTIFACTS = '/api/2.0/mlflow-artifacts/artifacts';

/** Refused is what has no answer: a page that is not there, a path that is none. */
const judged = ({ status }: { readonly status: number }): Outcome =>
  status === 200 ? 'allowed' : [400, 401, 403, 404].includes(status) ? 'MLflow' : String(status);

const asks =
  (person: Person, path: (subject: Subject) => string, asked: Asked | ((subject: Subject) => Asked) = {}) =>
  async (subject: Subject): Promise<Outcome> => {
    const more = typeof asked === 'function' ? asked(subject) : asked;
    return judged(await ask(subject.server, path(subject), { as: ACCOUNTS[person], ...more }));
  };

const artifact = ({ beta: { experiment, run } }: Subject) => `${experiment}/${run}/artifacts/model.bin`;

const TRIALS: readonly Trial<Subject>[] = [
  ...(
    [
      ['asks without an account', async ({ server }: Subject) => judged(await ask(server, SEARCH)), 'MLflow'],
      [
        'makes an account alone',
        async ({ server }: Subject) => {
          const json = { username: 'stranger', password: 'password-of-stranger' };
          return judged(await ask(server, '/api/2.0/mlflow/users/create', { json }));
        },
        'MLflow',
      ],
      [
        'comes as admin with the password that MLflow once shipped',
        async ({ server }: Subject) => judged(await ask(server, SEARCH, { as: 'admin:password1234' })),
        'MLflow',
      ],
      ['reads a run of another', asks('alpha', ({ beta }) => `/api/2.0/mlflow/runs/get?run_id=${beta.run}`), 'allowed'],
      [
        'sees the experiments of another in the list of all',
        async ({ server }: Subject) => {
          const { body } = await ask(server, SEARCH, { as: ACCOUNTS.alpha });
          return body.includes('of-beta') ? 'allowed' : 'MLflow';
        },
        'allowed',
      ],
      ['reads an artifact of another', asks('alpha', (subject) => `${ARTIFACTS}/${artifact(subject)}`), 'allowed'],
      [
        'reads it by its run',
        asks('alpha', ({ beta }) => `/get-artifact?run_uuid=${beta.run}&path=model.bin`),
        'allowed',
      ],
      [
        'reads a model of another',
        asks('alpha', () => '/api/2.0/mlflow/registered-models/get?name=of-beta'),
        'allowed',
      ],
      [
        'makes a run of another a version of its own model',
        asks(
          'alpha',
          () => '/api/2.0/mlflow/model-versions/create',
          ({ beta }) => ({ json: { name: 'of-alpha', source: `runs:/${beta.run}/model`, run_id: beta.run } }),
        ),
        'allowed',
      ],
      [
        'writes over an artifact of another',
        asks('alpha', (subject) => `${ARTIFACTS}/${artifact(subject)}`, { method: 'PUT', data: 'other' }),
        'MLflow',
      ],
      [
        'deletes a run of another',
        asks(
          'alpha',
          () => '/api/2.0/mlflow/runs/delete',
          ({ beta }) => ({ json: { run_id: beta.run } }),
        ),
        'MLflow',
      ],
      ...['..', '%2e%2e', '%252e%252e'].map(
        (up) =>
          [
            `goes through its own experiment to an artifact of another: ${up}`,
            asks('alpha', (subject) => `${ARTIFACTS}/${subject.alpha.experiment}/${up}/${artifact(subject)}`),
            'MLflow',
          ] as const,
      ),
      ...['../../../../etc/passwd', '%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd', '..%2f..%2f..%2f..%2fetc%2fpasswd'].map(
        (path) =>
          [
            `reads a file of the server: ${path}`,
            asks('alpha', ({ alpha }) => `${ARTIFACTS}/${alpha.experiment}/${path}`),
            'MLflow',
          ] as const,
      ),
      [
        'makes a file of the server a version of its own model',
        asks('alpha', () => '/api/2.0/mlflow/model-versions/create', {
          json: { name: 'of-alpha', source: 'file:///etc' },
        }),
        'MLflow',
      ],
      [
        'makes itself an administrator',
        asks('alpha', () => '/api/2.0/mlflow/users/update-admin', {
          method: 'PATCH',
          json: { username: 'alpha', is_admin: true },
        }),
        'MLflow',
      ],
    ] as const
  ).map(([what, act, without]) => ({ test: 'T27', what, act, without, with: 'MLflow' })),
  {
    test: 'T30',
    what: 'was removed at Keycloak, and goes on with its account of MLflow',
    act: asks('leaver', () => SEARCH),
    without: 'allowed',
    with: 'allowed',
  },
  {
    test: 'T30',
    what: 'was removed in MLflow, too, and goes on with its account there',
    act: async (subject) => {
      const { server } = subject;
      const json = { username: 'leaver' };
      const removed = await ask(server, '/api/2.0/mlflow/users/delete', {
        as: server.administrator,
        method: 'DELETE',
        json,
      });
      if (removed.status !== 200) throw new Error(removed.body);
      return asks('leaver', () => SEARCH)(subject);
    },
    without: 'MLflow',
    with: 'MLflow',
  },
];

/** Makes people and what they have. */
async function prepare(server: Server): Promise<Subject> {
  for (const account of Object.values(ACCOUNTS)) {
    const [username, password] = account.split(':');
    await call(server, 'users/create', server.administrator, { username, password });
  }
  const made: Record<string, string> = {};
  for (const person of ['alpha', 'beta'] as const) {
    const found = await call(server, 'experiments/create', ACCOUNTS[person], { name: `of-${person}` });
    made[person] = String(found['experiment_id']);
    await call(server, 'registered-models/create', ACCOUNTS[person], { name: `of-${person}` });
  }
  const { alpha = '', beta = '' } = made;
  const { run } = (await call(server, 'runs/create', ACCOUNTS.beta, { experiment_id: beta, start_time: 1 })) as {
    run: { info: { run_id: string } };
  };
  const subject = {
    server,
    alpha: { experiment: alpha },
    beta: { experiment: beta, run: run.info.run_id },
  };
  const put = { as: ACCOUNTS.beta, method: 'PUT', data: 'weights' };
  const { status, body } = await ask(server, `${ARTIFACTS}/${artifact(subject)}`, put);
  if (status !== 200) throw new Error(`${status} ${body}`);
  return subject;
}

/** The same program with accounts, a password for the administrator, and nothing else said. */
async function quickSetUp(folder: string): Promise<{ readonly server: Server; readonly running: Running }> {
  const python = await pythonWith(join(ROOT, 'images/mlflow/requirements.txt'));
  const port = String(await freePort());
  const running = start(
    python,
    [
      ...[
        '-m',
        'mlflow',
        'server',
        '--app-name',
        'basic-auth',
        '--host',
        '127.0.0.1',
        '--port',
        port,
        '--workers',
        '1',
      ],
      ...['--backend-store-uri', `sqlite:///${folder}/mlflow.db`, '--artifacts-destination', join(folder, 'artifacts')],
    ],
    {
      cwd: folder,
      env: { HOME: folder, MLFLOW_FLASK_SERVER_SECRET_KEY: 'key', MLFLOW_AUTH_ADMIN_PASSWORD: 'password-of-admin' },
      timeoutSeconds: 1800,
    },
  );
  const server = { url: `http://127.0.0.1:${port}`, administrator: 'admin:password-of-admin' };
  const isReady = async () => (await ask(server, '/health')).status === 200;
  await eventually('MLflow', isReady, { seconds: 300 }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${running.output}`);
  });
  return { server, running };
}

/** A name in the world, and one consumer. */
function office(mlflow: MlflowServer, platform: Platform): void {
  const namespace = new PlatformNamespace(platform, 'train', { name: 'demo-train' });
  const podLabels = { 'app.kubernetes.io/name': 'train', 'app.kubernetes.io/instance': 'train' };
  const connections = new Connections(platform, 'train-connections', { namespace, name: 'train', podLabels });
  mlflow.grantUse({ consumerName: 'train', connections });
}

describe('people at MLflow', () => {
  const ends: (() => Promise<void>)[] = [];
  let without: readonly Outcome[];
  let withThem: readonly Outcome[];

  beforeAll(async () => {
    const folder = mkdtempSync('/tmp/bq-');
    ends.push(() => {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    });
    const quick = await quickSetUp(folder);
    ends.unshift(() => quick.running.stop());
    without = await tryAll(TRIALS, await prepare(quick.server));

    const user = await preparePostgres();
    const store = await LocalStore.start();
    ends.unshift(() => store.stop());
    const mlflow = await LocalMlflow.create(user, store);
    ends.unshift(() => mlflow.remove());
    Object.assign(mlflow.passwords, { 'service.train': 'password-of-train' });
    mlflow.declare({ with: office });
    for (const work of [() => mlflow.migrate(), () => mlflow.agreeOnAccounts()]) {
      const { code, output } = await work();
      if (code !== 0) throw new Error(output);
    }
    await mlflow.serve();
    const administrator = `admin:${mlflow.passwords['admin'] ?? ''}`;
    withThem = await tryAll(TRIALS, await prepare({ url: mlflow.url, administrator }));
  });

  afterAll(async () => {
    for (const end of ends) await end();
  });

  testTrials(TRIALS, () => ({ without, with: withThem }));

  test('docs/tenancy.md tells what was seen', () => {
    expectDocumented(TRIALS);
  });
});
