import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NODE_ADDRESS, WEB_DOMAIN } from '../../../tools/cluster/addresses';
import { programPath } from '../../../tools/cluster/programs';
import { withPortForward } from '../../../tools/quickstart/port-forward';
import { pythonWith } from '../../../tools/quickstart/python';
import { WEB_AUTHORITY } from './browser';
import { ROOT, run } from './commands';
import { at, get, kubectl, list, listAt, secretValue, textAt } from './kubectl';
import { administratorPassword } from './mlflow';
import { eventually, Hopeless, sleep } from './waiting';

/** The platform of the coding case; it begins the namespaces. */
export const PLATFORM = 'e2e-nace';
export const NAMESPACES = {
  argoCd: `${PLATFORM}-argo-cd`,
  coding: `${PLATFORM}-coding`,
  gateway: `${PLATFORM}-gateway`,
  git: `${PLATFORM}-git`,
  minio: `${PLATFORM}-minio`,
  mlflow: `${PLATFORM}-mlflow`,
  monitoring: `${PLATFORM}-monitoring`,
  people: `${PLATFORM}-people`,
  retraining: `${PLATFORM}-retraining`,
  runs: `${PLATFORM}-argo-runs`,
} as const;

/** Where the records are. */
const RECORDS = `nace/coding`;
const MODEL = 'nace-coding';
const TRAINING = join(ROOT, 'workloads/nace-coding/training');

/** A description with its right code. */
export interface Phrase {
  readonly text: string;
  readonly code: string;
}

const PHRASES = `
import json, sys
import pyarrow.parquet as parquet
rows = {}
for split in ("train", "test", "gold"):
    for row in parquet.read_table(f"{sys.argv[1]}/{split}.parquet", columns=["text", "code"]).to_pylist():
        rows.setdefault(row["text"], row["code"])
print(json.dumps([{"text": text, "code": code} for text, code in sorted(rows.items()) if text.strip()]))
`;

/** The phrases of the nomenclature, each with its code: what the training learns and is judged by. */
export async function phrases(): Promise<readonly Phrase[]> {
  const python = await pythonWith(join(TRAINING, 'requirements.txt'));
  const folder = mkdtempSync(join(tmpdir(), 'bouture-phrases-'));
  try {
    await run(python, ['-m', 'nace_training', 'data', '--nomenclature', 'naf2', '--output', folder], { cwd: TRAINING });
    return JSON.parse((await run(python, ['-c', PHRASES, folder])).stdout) as Phrase[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Someone who has descriptions coded over HTTPS, by the name that the world knows. */
export class Client {
  /** Descriptions that were answered, by the identifier of their request. */
  readonly answered = new Map<string, number>();
  /** Requests that got no answer, or one that says to try again. */
  failures = 0;
  private readonly agent = new Agent({
    ca: readFileSync(WEB_AUTHORITY),
    keepAlive: true,
    maxSockets: 4,
    lookup: (_host, options, done) => {
      if (options.all === true) done(null, [{ address: NODE_ADDRESS, family: 4 }]);
      else done(null, NODE_ADDRESS, 4);
    },
  });

  constructor(private readonly password: string) {}

  static async create(): Promise<Client> {
    return new Client(await secretValue(NAMESPACES.coding, 'coding-user-api', 'password'));
  }

  /** The version that answers. */
  async version(): Promise<string> {
    const { status, body } = await this.send('GET', '/');
    if (status !== 200) throw new Error(`${status} ${body}`);
    return textAt(JSON.parse(body), 'Model_version');
  }

  /**
   * Codes descriptions; what gets no answer is asked again.
   *
   * @param size descriptions of one request
   * @param pause seconds between two requests
   */
  async code(texts: readonly string[], size = 100, pause = 0): Promise<void> {
    for (let from = 0; from < texts.length; from += size) {
      const some = texts.slice(from, from + size);
      await eventually('an answer', async () => this.codeOnce(some), { seconds: 180, everySeconds: 0.2 });
      if (pause > 0) await sleep(pause * 1000);
    }
  }

  /** What a request is answered, whatever it holds. @param auth `user:password`, or nothing. @default - the right ones */
  async status({ path, body, auth }: { path: string; body?: string | Buffer; auth?: string }): Promise<number> {
    return (await this.send(body === undefined ? 'GET' : 'POST', path, body, auth)).status;
  }

  /** Forgets the connections. */
  close(): void {
    this.agent.destroy();
  }

  private async codeOnce(texts: readonly string[]): Promise<boolean> {
    const body = JSON.stringify({ text_description: texts });
    const answer = await this.send('POST', '/predict-batch?nb_echos_max=5', body).catch((error: unknown) => {
      this.failures += 1;
      throw error;
    });
    if ([429, 502, 503, 504].includes(answer.status)) {
      this.failures += 1;
      return false;
    }
    if (answer.status !== 200) throw new Hopeless(`${answer.status} ${answer.body.slice(0, 500)}`);
    const coded: unknown = JSON.parse(answer.body);
    if (!Array.isArray(coded) || coded.length !== texts.length) throw new Hopeless('another number of answers');
    this.answered.set(answer.id, texts.length);
    return true;
  }

  private send(
    method: string,
    path: string,
    body?: string | Buffer,
    auth = `api:${this.password}`,
  ): Promise<{ status: number; body: string; id: string }> {
    return new Promise((resolve, reject) => {
      const sent = request(
        `https://coding.${WEB_DOMAIN}${path}`,
        {
          method,
          agent: this.agent,
          timeout: 60_000,
          ...(auth === '' ? {} : { auth }),
          headers: body === undefined ? {} : { 'content-type': 'application/json' },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('error', reject).on('end', () => {
            const id = String(response.headers['x-request-id']);
            resolve({ status: response.statusCode ?? 0, body: text, id });
          });
        },
      );
      sent.on('timeout', () => sent.destroy(new Error('no answer within a minute')));
      sent.on('error', reject).end(body);
    });
  }
}

/** Submits a workflow, as `argo submit --from` does, and waits until it has succeeded. @returns the Workflow */
export async function submit(
  from: 'workflowtemplate' | 'cronworkflow',
  name: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const started = await begin(from, name, parameters);
  return succeeded(started);
}

/** Submits a workflow. @returns its name */
export async function begin(
  from: 'workflowtemplate' | 'cronworkflow',
  name: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<string> {
  const given = Object.entries(parameters).map(([key, value]) => ({ name: key, value }));
  const base =
    from === 'workflowtemplate'
      ? { workflowTemplateRef: { name } }
      : (at(await get('cronworkflow', name, NAMESPACES.runs), 'spec', 'workflowSpec') as object);
  const workflow = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { generateName: `${name}-`, namespace: NAMESPACES.runs },
    spec: { ...base, ...(given.length === 0 ? {} : { arguments: { parameters: given } }) },
  };
  const made = await kubectl(['create', '-f', '-', '-o', 'json'], { input: JSON.stringify(workflow) });
  return textAt(JSON.parse(made), 'metadata', 'name');
}

/** Waits until a workflow has succeeded. @throws Error with the end of its logs when it has not */
export async function succeeded(name: string, seconds = 600): Promise<unknown> {
  return eventually(
    `workflow ${name}`,
    async () => {
      const workflow = await get('workflow', name, NAMESPACES.runs);
      const phase = at(workflow, 'status', 'phase');
      if (phase === 'Failed' || phase === 'Error') {
        const logs = await podLogs(name);
        throw new Hopeless(`${String(at(workflow, 'status', 'message'))}\n${logs}`);
      }
      return phase === 'Succeeded' && workflow;
    },
    { seconds, everySeconds: 2 },
  );
}

/** What the Pods of a workflow have said. */
export async function podLogs(workflow: string): Promise<string> {
  const selector = `workflows.argoproj.io/workflow=${workflow}`;
  const pods = await list('pods', '-n', NAMESPACES.runs, '-l', selector);
  const logs = pods.map(async ({ metadata: { name } }) =>
    kubectl(['logs', '-n', NAMESPACES.runs, name, '-c', 'main', '--tail=30']).catch(String),
  );
  return (await Promise.all(logs)).join('\n---\n').slice(-6000);
}

/** A step of a workflow that ran in a Pod. */
export interface Step {
  readonly step: string;
  readonly from: number;
  readonly to: number;
}

/** The Pods of a workflow that ended well, with the times between which they ran, in seconds. */
export function stepsOf(workflow: unknown): readonly Step[] {
  return Object.values(at(workflow, 'status', 'nodes') as Readonly<Record<string, unknown>>)
    .filter((node) => at(node, 'type') === 'Pod' && at(node, 'phase') === 'Succeeded')
    .map((node) => ({
      step: textAt(node, 'templateName'),
      from: Date.parse(textAt(node, 'startedAt')) / 1000,
      to: Date.parse(textAt(node, 'finishedAt')) / 1000,
    }));
}

/** Asks MLflow as its administrator. */
export async function mlflow(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
  const password = await administratorPassword(NAMESPACES.mlflow);
  return withPortForward(NAMESPACES.mlflow, 'service/mlflow', 5000, async ({ url }) => {
    const answer = await fetch(`${url}/api/2.0/mlflow/${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  });
}

/** The version that an alias points at. @default - undefined when none has it */
export async function versionOf(alias: string): Promise<string | undefined> {
  const model = await mlflow('GET', `registered-models/get?name=${MODEL}`);
  const found = listAt(model, 'registered_model', 'aliases').find((each) => at(each, 'alias') === alias);
  return found === undefined ? undefined : textAt(found, 'version');
}

/** Works on the object store as its administrator, with MinIO's client. @param use gets a function that runs it: `store/` is the store */
export async function withStore<T>(
  use: (mc: (...args: readonly string[]) => Promise<string>) => Promise<T>,
): Promise<T> {
  const [user, password] = await Promise.all(
    ['rootUser', 'rootPassword'].map((key) => secretValue(NAMESPACES.minio, 'minio-root', key)),
  );
  return withPortForward(NAMESPACES.minio, 'service/minio', 9000, ({ port }) =>
    use(async (...args) => {
      const env = {
        MC_HOST_store: `http://${user ?? ''}:${password ?? ''}@127.0.0.1:${port}`,
        MC_CONFIG_DIR: join(ROOT, '.bouture/e2e/mc'),
        MC_NO_COLOR: '1',
      };
      return (await run(programPath('mc'), args, { env })).stdout;
    }),
  );
}

/** An object of the records, as JSON. @param path below their folder */
export async function recordJson(path: string): Promise<unknown> {
  return JSON.parse(await withStore((mc) => mc('cat', `store/${RECORDS}/${path}`))) as unknown;
}

const REQUESTS = `
import json, sys
import pyarrow.parquet as parquet
counts = {}
for request in parquet.read_table(sys.argv[1], columns=["request"]).column("request").to_pylist():
    counts[request] = counts.get(request, 0) + 1
print(json.dumps(counts))
`;

/** Rows of a day's table by the identifier of their request. */
export async function rowsByRequest(day: string): Promise<ReadonlyMap<string, number>> {
  const python = await pythonWith(join(TRAINING, 'requirements.txt'));
  return inFolder(async (folder) => {
    const file = join(folder, 'records.parquet');
    await withStore((mc) => mc('cp', '--quiet', `store/${RECORDS}/parquet/date=${day}/records.parquet`, file));
    const { stdout } = await run(python, ['-c', REQUESTS, file]);
    return new Map(Object.entries(JSON.parse(stdout) as Record<string, number>));
  });
}

const EARLIER = `
import glob, json, os, sys
source, target, today, *days = sys.argv[1:]
for day in days:
    for number, path in enumerate(sorted(glob.glob(f"{source}/**/*.ndjson", recursive=True))):
        folder = f"{target}/date={day}/earlier"
        os.makedirs(folder, exist_ok=True)
        with open(path) as records, open(f"{folder}/{number:04d}-0.ndjson", "w") as copy:
            for line in records:
                record = json.loads(line)
                for field in ("id", "request"):
                    record[field] = f"{day}-{record[field]}"
                record["at"] = record["at"].replace(today, day)
                copy.write(json.dumps(record, ensure_ascii=False) + "\\n")
`;

/** Copies the records of a day to earlier days: what the service would have recorded, had the same people come then. */
export async function copyRecords(day: string, earlier: readonly string[]): Promise<void> {
  await inFolder(async (folder) => {
    await withStore(async (mc) => {
      await mc('mirror', '--quiet', `store/${RECORDS}/records/date=${day}`, join(folder, 'of-the-day'));
      mkdirSync(join(folder, 'records'));
      await run('python3', ['-c', EARLIER, join(folder, 'of-the-day'), join(folder, 'records'), day, ...earlier]);
      await mc('mirror', '--quiet', join(folder, 'records'), `store/${RECORDS}/records`);
    });
  });
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bouture-records-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A day in UTC, as 2026-01-31. @param back days before today */
export function dayOf(back = 0): string {
  return new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);
}
