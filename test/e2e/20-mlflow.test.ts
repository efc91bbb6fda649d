import { NAMESPACES, ensureStack } from './support/stack';
import {
  administratorPassword,
  objectsInBucket,
  psql,
  type ReadBack,
  status,
  train,
  use,
  withMlflow,
  type Work,
} from './support/mlflow';
import { exec, list } from './support/kubectl';

const LIST_EXPERIMENTS = '/api/2.0/mlflow/experiments/search?max_results=1';

describe('a statistician with the Python client', () => {
  let work: Work;
  let readBack: ReadBack;

  beforeAll(async () => {
    await ensureStack();
    work = await train();
    readBack = await use();
  });

  test('logs an experiment with parameters and metrics, and reads them back', () => {
    expect(readBack.runId).toBe(work.runId);
    expect(readBack.accuracy).toBe(work.accuracy);
    expect(readBack.parameters).toEqual({ ngram_max: '4', regularisation: '10.0', folds: '4' });
  });

  test('registers a model, and uses it by its alias', () => {
    expect(readBack.version).toBe(work.version);
    expect(readBack.coded['hotel and restaurant']).toBe('I');
  });

  test('has put the artifact into the bucket, where an S3 client reads the same bytes', async () => {
    const objects = await objectsInBucket(`artifacts/${work.experimentId}/${work.runId}/`);
    const key = `artifacts/${work.experimentId}/${work.runId}/artifacts/predictions.csv`;
    expect(objects[key]).toBe(readBack.predictionsSha256);
  });

  test('has put the run, its metric and the model’s alias into PostgreSQL, where psql reads them', async () => {
    const run = `SELECT status, lifecycle_stage FROM runs WHERE run_uuid = '${work.runId}'`;
    expect(await psql('mlflow', run)).toEqual(['FINISHED|active']);
    const metric = `SELECT value FROM latest_metrics WHERE key = 'accuracy' AND run_uuid = '${work.runId}'`;
    expect((await psql('mlflow', metric)).map(Number)).toEqual([work.accuracy]);
    const alias = "SELECT alias, version FROM registered_model_aliases WHERE name = 'nace-sections'";
    expect(await psql('mlflow', alias)).toEqual([`champion|${work.version}`]);
  });
});

describe('the door', () => {
  beforeAll(ensureStack);

  test('asks for credentials', async () => {
    expect(await withMlflow((url) => status(url, LIST_EXPERIMENTS))).toBe(401);
  });

  test('opens to the administrator', async () => {
    const password = await administratorPassword();
    expect(await withMlflow((url) => status(url, LIST_EXPERIMENTS, { password }))).toBe(200);
  });

  test('knows no default password', async () => {
    const byDefault = (url: string) => status(url, LIST_EXPERIMENTS, { password: 'password1234' });
    expect(await withMlflow(byDefault)).toBe(401);
  });

  test('answers to every name that it is reached by, and to no other', async () => {
    const password = await administratorPassword();
    const names = [
      'mlflow',
      `mlflow.${NAMESPACES.mlflow}`,
      `mlflow.${NAMESPACES.mlflow}.svc`,
      `mlflow.${NAMESPACES.mlflow}.svc.cluster.local`,
    ];
    await withMlflow(async (url) => {
      for (const name of names) {
        for (const host of [name, `${name}:5000`]) {
          expect({ host, status: await status(url, LIST_EXPERIMENTS, { password, host }) }).toEqual({
            host,
            status: 200,
          });
        }
      }
      expect(await status(url, LIST_EXPERIMENTS, { password, host: 'evil.example.org' })).toBe(403);
    });
  });

  test('tells its health without credentials', async () => {
    expect(await withMlflow((url) => status(url, '/health'))).toBe(200);
  });

  test('answers through its Service to a Pod of the platform', async () => {
    const [server] = await list('pods', '-n', NAMESPACES.mlflow, '-l', 'app.kubernetes.io/component=server');
    const program = `import urllib.request, urllib.error
try: print(urllib.request.urlopen("http://mlflow.${NAMESPACES.mlflow}.svc.cluster.local:5000${LIST_EXPERIMENTS}", timeout=20).status)
except urllib.error.HTTPError as error: print(error.code)`;
    const said = await exec(NAMESPACES.mlflow, server?.metadata.name ?? '', ['python', '-c', program], {
      container: 'server',
    });
    expect(said.trim()).toBe('401');
  });
});
