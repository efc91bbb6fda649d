import { join } from 'node:path';
import { withPortForward } from '../../../tools/quickstart/port-forward';
import { exampleScript, pythonWith } from '../../../tools/quickstart/python';
import { run } from './commands';
import { exec, secretValue } from './kubectl';
import { NAMESPACES } from './stack';

/** Where the platform keeps the password of MLflow's administrator. */
export const ADMINISTRATOR = { secret: 'mlflow-accounts', username: 'admin' } as const;

/** What `train.py` made. */
export interface Work {
  readonly runId: string;
  readonly experimentId: string;
  readonly version: string;
  readonly accuracy: number;
}

/** What `use.py` read back. */
export interface ReadBack {
  readonly runId: string;
  readonly version: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly accuracy: number;
  readonly predictionsSha256: string;
  /** Section by described activity. */
  readonly coded: Readonly<Record<string, string>>;
}

/** The administrator's password. @param namespace of MLflow */
export async function administratorPassword(namespace: string = NAMESPACES.mlflow): Promise<string> {
  return secretValue(namespace, ADMINISTRATOR.secret, ADMINISTRATOR.username);
}

/** Runs `use` with the address of MLflow on this machine, as `kubectl port-forward` gives it to a person. */
export async function withMlflow<T>(
  use: (url: string) => Promise<T>,
  namespace: string = NAMESPACES.mlflow,
): Promise<T> {
  return withPortForward(namespace, 'service/mlflow', 5000, ({ url }) => use(url));
}

/** Runs one of the quickstart's scripts, and gives the JSON of its last line. */
async function python(script: 'train.py' | 'use.py', namespace?: string): Promise<unknown> {
  const interpreter = await pythonWith(exampleScript('requirements.txt'));
  const password = await administratorPassword(namespace);
  return withMlflow(async (url) => {
    const env = {
      MLFLOW_TRACKING_URI: url,
      MLFLOW_TRACKING_USERNAME: ADMINISTRATOR.username,
      MLFLOW_TRACKING_PASSWORD: password,
    };
    const { stdout } = await run(interpreter, [exampleScript(script)], { env });
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as unknown;
  }, namespace);
}

/** Trains, logs, registers: an experiment, a run, a file, a model, an alias. */
export async function train(namespace?: string): Promise<Work> {
  return (await python('train.py', namespace)) as Work;
}

/** Reads all of it back by the alias, and uses the model. */
export async function use(namespace?: string): Promise<ReadBack> {
  return (await python('use.py', namespace)) as ReadBack;
}

/**
 * The objects below a prefix of the bucket with the SHA-256 of each, read by an S3 client with MLflow's own keys.
 *
 * @param keys what to use in their place
 */
export async function objectsInBucket(
  prefix: string,
  keys: { readonly secretAccessKey?: string } = {},
): Promise<Readonly<Record<string, string>>> {
  const interpreter = await pythonWith(exampleScript('requirements.txt'));
  const [accessKeyId, secretAccessKey] = await Promise.all(
    ['accessKeyId', 'secretAccessKey'].map((key) => secretValue(NAMESPACES.mlflow, 'mlflow-s3', key)),
  );
  const env = {
    AWS_ACCESS_KEY_ID: accessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey ?? secretAccessKey ?? '',
  };
  return withPortForward(NAMESPACES.minio, 'service/minio', 9000, async ({ url }) => {
    const { stdout } = await run(interpreter, [join(__dirname, 's3_object.py'), url, 'mlflow', prefix], { env });
    return JSON.parse(stdout) as Readonly<Record<string, string>>;
  });
}

/** Rows that psql reads, as text, in the database server's own Pod. */
export async function psql(database: string, query: string): Promise<readonly string[]> {
  const command = ['psql', '-X', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-U', 'postgres', '-d', database, '-c', query];
  return (await exec(NAMESPACES.postgres, 'postgres-0', command, { container: 'postgres' })).trim().split('\n');
}

/** How many rows each table of a database has, by its name. */
export async function rowCounts(database: string): Promise<Readonly<Record<string, number>>> {
  const query = `SELECT table_name || ' ' || (xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %I.%I',
    table_schema, table_name), false, true, '')))[1]::text FROM information_schema.tables
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`;
  return Object.fromEntries(
    (await psql(database, query)).map((row) => [row.split(' ')[0] ?? '', Number(row.split(' ')[1])]),
  );
}

/** What the store, the database and MLflow hold of one piece of work: equal before and after a fault. */
export async function everythingOf(work: Work): Promise<unknown> {
  const readBack = await use();
  const objects = await objectsInBucket(`artifacts/${work.experimentId}/`);
  if (Object.keys(objects).length === 0) throw new Error('there is nothing in the bucket');
  const rows = await rowCounts('mlflow');
  if (!(Number(rows['runs']) > 0)) throw new Error(`there is no run in PostgreSQL: ${JSON.stringify(rows)}`);
  return { readBack, objects, rows };
}

/** Answer of MLflow's REST interface to a request, with or without credentials. */
export async function status(
  url: string,
  path: string,
  { username, password, host }: { readonly username?: string; readonly password?: string; readonly host?: string } = {},
): Promise<number> {
  // curl, for fetch does not let a caller choose the Host header.
  const config = [
    `url = "${url}${path}"`,
    ...(password === undefined ? [] : [`user = "${username ?? ADMINISTRATOR.username}:${password}"`]),
    ...(host === undefined ? [] : [`header = "Host: ${host}"`]),
  ];
  const args = [
    '--silent',
    '--output',
    '/dev/null',
    '--write-out',
    '%{http_code}',
    '--max-time',
    '20',
    '--config',
    '-',
  ];
  return Number((await run('curl', args, { input: config.join('\n') })).stdout);
}
