import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { RegistryConfig, Selection } from '../config.js';
import type { Credentials } from '../secrets.js';

const SERVING_FOLDER = 'artifacts/serving';

const versionSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  status: z.string(),
  run_id: z.string().nullish(),
  model_id: z.string().nullish(),
});

/** A version of a registered model. */
export interface ModelVersion {
  readonly name: string;
  readonly version: string;
  readonly ready: boolean;
  readonly status: string;
  readonly runId: string | undefined;
  readonly modelId: string | undefined;
}

/** The registry did not give what was asked for: it is away, refuses, or has no such thing. */
export class RegistryError extends Error {
  override readonly name: string = 'RegistryError';
}

/** The registry answers that it has no version under the name that is selected: nobody has the alias. */
export class NoVersionError extends RegistryError {
  override readonly name = 'NoVersionError';
}

/** How MLflow says so: an alias that no version has is a bad parameter, a model or a version that is not there is a missing resource. */
const ABSENT = /RESOURCE_DOES_NOT_EXIST|alias .{1,300} not found/;

/** Asks an MLflow server for versions of a model and their files. */
export class MlflowClient {
  private readonly authorization: string | undefined;

  constructor(
    private readonly config: Pick<RegistryConfig, 'url' | 'timeoutSeconds'>,
    credentials: Credentials | undefined,
  ) {
    this.authorization = credentials?.authorization;
  }

  /**
   * Asks, and reads the answer.
   *
   * @param read calls `heard` while it reads what may be large: only silence is limited
   * @throws RegistryError when the registry is away, silent or refuses
   */
  private async get<T>(
    path: string,
    query: Readonly<Record<string, string>>,
    read: (response: Response, heard: () => void) => Promise<T>,
  ): Promise<T> {
    const url = `${this.config.url.replace(/\/$/, '')}/${path}?${new URLSearchParams(query).toString()}`;
    const what = `${path} of ${JSON.stringify(query)}`;
    const silence = new AbortController();
    const timer = setTimeout(() => {
      silence.abort(new Error(`silent for ${this.config.timeoutSeconds} s`));
    }, this.config.timeoutSeconds * 1000);
    try {
      const headers = this.authorization === undefined ? {} : { authorization: this.authorization };
      const response = await fetch(url, { headers, signal: silence.signal });
      timer.refresh();
      if (response.ok) return await read(response, () => timer.refresh());
      const body = (await response.text().catch(() => '')).slice(0, 300);
      const isAbsent = (response.status === 400 || response.status === 404) && ABSENT.test(body);
      const Kind = isAbsent ? NoVersionError : RegistryError;
      throw new Kind(`the registry answers ${response.status} to ${what}: ${body}`);
    } catch (error) {
      if (error instanceof RegistryError) throw error;
      throw new RegistryError(`the registry at ${this.config.url} does not answer ${what}: ${reason(error)}`, {
        cause: error,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  private async json<T>(path: string, query: Readonly<Record<string, string>>, schema: z.ZodType<T>): Promise<T> {
    const content = await this.get(`api/2.0/mlflow/${path}`, query, async (response) => response.text());
    try {
      return schema.parse(JSON.parse(content));
    } catch (error) {
      throw new RegistryError(`the registry's answer to ${path} is not understood: ${String(error)}`, { cause: error });
    }
  }

  /** The version that is selected now. @throws RegistryError when there is none, or the registry is away */
  async resolve(name: string, selection: Selection): Promise<ModelVersion> {
    const one = z.object({ model_version: versionSchema });
    if ('alias' in selection) {
      const query = { name, alias: selection.alias };
      return versionOf((await this.json('registered-models/alias', query, one)).model_version);
    }
    if ('version' in selection) {
      const query = { name, version: selection.version };
      return versionOf((await this.json('model-versions/get', query, one)).model_version);
    }
    const list = z.object({ model_versions: z.array(versionSchema).default([]) });
    const query = { name, stages: selection.stage };
    const [latest] = (await this.json('registered-models/get-latest-versions', query, list)).model_versions;
    if (latest === undefined) throw new NoVersionError(`model "${name}" has no version in stage ${selection.stage}`);
    return versionOf(latest);
  }

  /** A small file of the folder for serving. */
  async text(version: ModelVersion, file: string): Promise<string> {
    return this.artifact(version, file, async (response) => response.text());
  }

  /** Writes a file of the folder for serving to the disk. @throws RegistryError when it ends before its end */
  async download(version: ModelVersion, file: string, target: string): Promise<void> {
    await this.artifact(version, file, async ({ body }, heard) => {
      if (body === null) throw new RegistryError(`the registry gives no content for ${file}`);
      const listened = async function* (chunks: AsyncIterable<unknown>) {
        for await (const chunk of chunks) {
          heard();
          yield chunk;
        }
      };
      await pipeline(Readable.fromWeb(body), listened, createWriteStream(target));
    });
  }

  private async artifact<T>(
    { name, version }: ModelVersion,
    file: string,
    read: (response: Response, heard: () => void) => Promise<T>,
  ): Promise<T> {
    return this.get('model-versions/get-artifact', { name, version, path: `${SERVING_FOLDER}/${file}` }, read);
  }

  /** Metrics of the run that made a version; none when they cannot be had. */
  async metrics({ runId }: ModelVersion): Promise<Readonly<Record<string, number>>> {
    if (runId === undefined) return {};
    const metric = z.object({ key: z.string(), value: z.number() });
    const schema = z.object({ run: z.object({ data: z.object({ metrics: z.array(metric).default([]) }) }) });
    const run = await this.json('runs/get', { run_id: runId }, schema).catch(() => undefined);
    return Object.fromEntries((run?.run.data.metrics ?? []).map(({ key, value }) => [key, value]));
  }
}

function versionOf(given: z.output<typeof versionSchema>): ModelVersion {
  const { name, version, status } = given;
  return {
    name,
    version,
    status,
    ready: status === 'READY',
    runId: given.run_id || undefined,
    modelId: given.model_id || undefined,
  };
}

const reason = (error: unknown): string =>
  error instanceof Error
    ? `${error.message}${error.cause instanceof Error ? ` (${error.cause.message})` : ''}`
    : String(error);
