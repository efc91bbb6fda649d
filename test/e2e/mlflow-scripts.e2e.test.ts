import { Connections, type MlflowServer, type Platform, PlatformNamespace } from '../../constructs';
import { describeFull } from './support/level';
import { LocalMlflow } from './support/local-mlflow';
import { LocalStore, preparePostgres } from './support/local-postgres';

/**
 * What runs in the Pods of MlflowServer, taken from the synthesized manifests and run on this machine against a real PostgreSQL and a
 * real MinIO, with the packages of the image.
 */

const SEARCH = '/api/2.0/mlflow/experiments/search?max_results=10';

/** An office with two consumers of the registry and a name in the world. */
function office(mlflow: MlflowServer, platform: Platform): void {
  for (const consumerName of ['train', 'audit']) {
    const namespace = new PlatformNamespace(platform, consumerName, { name: `demo-${consumerName}` });
    const podLabels = { 'app.kubernetes.io/name': consumerName, 'app.kubernetes.io/instance': consumerName };
    const connections = new Connections(platform, `${consumerName}-connections`, {
      namespace,
      name: consumerName,
      podLabels,
    });
    mlflow.grantUse({ consumerName, connections });
  }
  const expose = (_: unknown, subdomain: string) => {
    const host = `${subdomain}.example.org`;
    return { host, url: `https://${host}` };
  };
  mlflow.exposeVia({ expose });
}

describeFull('the containers of MLflow, on this machine', () => {
  let store: LocalStore;
  let mlflow: LocalMlflow;
  const as = (user: string) => `${user}:${mlflow.passwords[user] ?? ''}`;

  beforeAll(async () => {
    const user = await preparePostgres();
    store = await LocalStore.start();
    mlflow = await LocalMlflow.create(user, store);
    Object.assign(mlflow.passwords, { 'service.train': 'password-of-train', 'service.audit': 'password-of-audit' });
    mlflow.declare({ with: office });
    const first = await mlflow.migrate();
    if (first.code !== 0) throw new Error(first.output);
    const accounts = await mlflow.agreeOnAccounts();
    if (accounts.code !== 0) throw new Error(accounts.output);
    await mlflow.serve();
  });

  afterAll(async () => {
    await mlflow.remove();
    await store.stop();
  });

  test('the migration can run again, and twice at once', async () => {
    const before = await mlflow.postgres.ask('mlflow', 'mlflow', 'SELECT version_num FROM alembic_version');
    for (const { code, output } of await Promise.all([mlflow.migrate(), mlflow.migrate()])) {
      expect({ code, output }).toMatchObject({ code: 0 });
    }
    expect(await mlflow.postgres.ask('mlflow', 'mlflow', 'SELECT version_num FROM alembic_version')).toBe(before);
    expect(before).not.toBe('');
  });

  test('the migration gives up when the database does not answer, and tells no password', async () => {
    const { code, output } = await mlflow.migrate({ PGPORT: '1', DATABASE_WAIT_SECONDS: '3' });
    expect(code).toBe(1);
    expect(output).toContain('database mlflow does not answer');
    expect(output).not.toContain(mlflow.postgres.passwordOf('mlflow'));
  });

  test('probes need no credentials, everything else does', async () => {
    expect((await mlflow.ask('/health')).status).toBe(200);
    for (const path of ['/', SEARCH, '/version', '/metrics', '/get-artifact?run_uuid=1&path=x', '/signup']) {
      expect({ path, ...(await mlflow.ask(path)) }).toMatchObject({ path, status: 401 });
    }
  });

  test('the password that MLflow once shipped opens nothing', async () => {
    expect((await mlflow.ask(SEARCH, { as: 'admin:password1234' })).status).toBe(401);
    expect((await mlflow.ask(SEARCH, { as: as('admin') })).status).toBe(200);
  });

  test.each([
    'mlflow',
    'mlflow:5000',
    'mlflow.demo-mlflow',
    'mlflow.demo-mlflow.svc',
    'mlflow.demo-mlflow.svc.cluster.local',
    'mlflow.demo-mlflow.svc.cluster.local:5000',
    'localhost:8080',
    'mlflow.example.org',
    'mlflow.example.org:443',
  ])('answers to the host %s', async (host) => {
    expect((await mlflow.ask(SEARCH, { as: as('admin'), host })).status).toBe(200);
  });

  test.each(['evil.example.com', 'mlflow.example.org.evil.example.com', '10.0.0.7:5000', 'mlflowx:5000'])(
    'does not answer to the host %s',
    async (host) => {
      expect((await mlflow.ask(SEARCH, { as: as('admin'), host })).status).toBe(403);
      expect((await mlflow.ask('/health', { host })).status).toBe(200);
    },
  );

  test('lets only its own pages change something', async () => {
    const search = (origin: string) =>
      mlflow.ask('/ajax-api/2.0/mlflow/experiments/search', { as: as('admin'), origin, json: { max_results: 1 } });
    expect((await search('https://mlflow.example.org')).status).toBe(200);
    expect((await search('https://evil.example.com')).status).toBe(403);
  });

  test('a consumer works, and another sees nothing of it', async () => {
    const experiment = await mlflow.api('experiments/create', { as: as('service.train'), json: { name: 'nace' } });
    const id = String(experiment['experiment_id']);
    const { run } = (await mlflow.api('runs/create', {
      as: as('service.train'),
      json: { experiment_id: id, start_time: 1 },
    })) as { run: { info: { run_id: string } } };
    const path = `${id}/${run.info.run_id}/artifacts/model.bin`;
    expect(await mlflow.upload(path, 'weights', as('service.train'))).toBe(200);
    await mlflow.api('registered-models/create', { as: as('service.train'), json: { name: 'nace' } });
    for (const [user, status] of [
      ['service.train', 200],
      ['service.audit', 403],
      ['admin', 200],
    ] as const) {
      for (const question of [
        `/api/2.0/mlflow/runs/get?run_id=${run.info.run_id}`,
        `/get-artifact?run_uuid=${run.info.run_id}&path=model.bin`,
        `/api/2.0/mlflow-artifacts/artifacts/${path}`,
        '/api/2.0/mlflow/registered-models/get?name=nace',
      ]) {
        expect({ user, question, status: (await mlflow.ask(question, { as: as(user) })).status }).toEqual({
          user,
          question,
          status,
        });
      }
    }
    expect((await mlflow.ask(SEARCH, { as: as('service.audit') })).body).not.toContain('nace');
  });

  test('no client is sent to the bucket itself', async () => {
    const { body } = await mlflow.ask('/api/3.0/mlflow/server-info');
    expect(JSON.parse(body)).toMatchObject({ multipart_uploads_enabled: false, multipart_downloads_enabled: false });
    const presigned = '/api/2.0/mlflow-artifacts/presigned/1/run/artifacts/model.bin';
    const { status, body: refusal } = await mlflow.ask(presigned, { as: as('admin') });
    expect(status).toBe(501);
    expect(refusal).not.toContain('X-Amz-Signature');
  });

  test('no path leads out of the artifacts', async () => {
    for (const path of ['../../../etc/passwd', '%2e%2e/%2e%2e/%2e%2e/etc/passwd', '..%2f..%2fetc%2fpasswd']) {
      const { status, body } = await mlflow.ask(`/api/2.0/mlflow-artifacts/artifacts/${path}`, { as: as('admin') });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(body).not.toContain('root:');
    }
  });

  test('a rotated password opens, and the one before it no longer does', async () => {
    const old = as('admin');
    mlflow.passwords['admin'] = 'second-password-of-admin';
    const { code, output } = await mlflow.agreeOnAccounts();
    expect(code).toBe(0);
    expect(output).toContain('changed the password of admin');
    expect(output).not.toContain('second-password-of-admin');
    expect((await mlflow.ask(SEARCH, { as: old })).status).toBe(401);
    expect((await mlflow.ask(SEARCH, { as: as('admin') })).status).toBe(200);
  });

  test('a consumer that is no longer declared is locked out; people keep their accounts', async () => {
    const audit = as('service.audit');
    const person = { username: 'a.person', password: 'password-of-a-person' };
    await mlflow.api('users/create', { as: as('admin'), json: person });
    delete mlflow.passwords['service.audit'];
    expect(await mlflow.agreeOnAccounts()).toMatchObject({ code: 0 });
    expect((await mlflow.ask(SEARCH, { as: audit })).status).toBe(401);
    expect((await mlflow.ask(SEARCH, { as: as('service.train') })).status).toBe(200);
    expect((await mlflow.ask(SEARCH, { as: `${person.username}:${person.password}` })).status).toBe(200);
  });

  test('a consumer administers nothing', async () => {
    const json = { username: 'intruder', password: 'password-of-intruder' };
    const paths = ['users/create', 'users/update-admin', 'users/update-password', 'users/delete'];
    for (const path of paths) {
      const { status } = await mlflow.ask(`/api/2.0/mlflow/${path}`, { as: as('service.train'), json });
      expect({ path, isRefused: status === 403 || status === 405 }).toEqual({ path, isRefused: true });
    }
  });

  test('the counters are served on a port of their own', async () => {
    const { status, body } = await mlflow.ask(`http://127.0.0.1:${mlflow.metricsPort}/metrics`);
    expect(status).toBe(200);
    expect(body).toMatch(/^mlflow_http_request_total\{.*\} [1-9]/m);
  });

  test('garbage collection deletes what is old enough, with its artifacts, and nothing else', async () => {
    const search = await mlflow.api('runs/search', { as: as('service.train'), json: { experiment_ids: ['1'] } });
    const [run] = search['runs'] as { info: { run_id: string } }[];
    const id = run?.info.run_id ?? '';
    await mlflow.api('runs/delete', { as: as('service.train'), json: { run_id: id } });
    const runs = () => mlflow.postgres.ask('mlflow', 'mlflow', `SELECT count(*) FROM runs WHERE run_uuid = '${id}'`);
    const artifacts = () => store.rclone('lsf', '--recursive', 'store:backups/artifacts');
    expect(await mlflow.collectGarbage(1)).toMatchObject({ code: 0 });
    expect(await runs()).toBe('1');
    expect(await artifacts()).toContain(`${id}/artifacts/model.bin`);
    const twoDays = 2 * 24 * 3600 * 1000;
    await mlflow.postgres.ask(
      'mlflow',
      'mlflow',
      `UPDATE runs SET deleted_time = deleted_time - ${twoDays} WHERE run_uuid = '${id}'`,
    );
    expect(await mlflow.collectGarbage(1)).toMatchObject({ code: 0 });
    expect(await runs()).toBe('0');
    expect(await artifacts()).not.toContain(id);
  });
});
