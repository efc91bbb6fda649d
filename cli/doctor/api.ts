import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The API server, as far as the checks need it. */
export interface ClusterApi {
  /** What stands at a path. @default - undefined when nothing does @throws ApiError for any other refusal */
  get(path: string): Promise<unknown>;
  /** Posts an object, such as an access review, and gives the answer. @throws ApiError when it is refused */
  post(path: string, body: object): Promise<unknown>;
}

/** The API server refused a request. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly status: number,
    readonly path: string,
  ) {
    super(`the API server answers ${status} at ${path}`);
  }
}

const CONNECT_SECONDS = 15;
const REQUEST_SECONDS = 20;

/**
 * Does something with the cluster of the current kubeconfig, through `kubectl proxy`: it knows every way of signing in. Its socket stands in a
 * folder that only this user may enter.
 *
 * @param environment with kubectl on its PATH and KUBECONFIG
 * @throws Error with what kubectl says, when the cluster cannot be reached
 */
export async function withCluster<T>(
  environment: NodeJS.ProcessEnv,
  work: (api: ClusterApi) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'bouture-doctor-'));
  const socket = join(folder, 'kubectl.sock');
  const proxy = spawn('kubectl', ['proxy', `--unix-socket=${socket}`], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    await started(proxy);
    return await work(new SocketApi(socket));
  } finally {
    proxy.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

function started(proxy: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve, reject) => {
    let told = '';
    const timer = setTimeout(() => {
      reject(new Error('kubectl proxy does not start'));
    }, CONNECT_SECONDS * 1000);
    proxy.stdout?.on('data', (chunk: Buffer) => {
      if (!String(chunk).includes('Starting to serve')) return;
      clearTimeout(timer);
      resolve();
    });
    proxy.stderr?.on('data', (chunk: Buffer) => (told += String(chunk)));
    proxy.on('error', reject);
    proxy.on('exit', () => {
      clearTimeout(timer);
      reject(new Error(told.trim() || 'kubectl proxy stopped'));
    });
  });
}

class SocketApi implements ClusterApi {
  constructor(private readonly socketPath: string) {}

  async get(path: string): Promise<unknown> {
    const { status, body } = await this.send('GET', path);
    if (status === 404) return undefined;
    if (status !== 200) throw new ApiError(status, path);
    return JSON.parse(body);
  }

  async post(path: string, body: object): Promise<unknown> {
    const answer = await this.send('POST', path, JSON.stringify(body));
    if (answer.status !== 201 && answer.status !== 200) throw new ApiError(answer.status, path);
    return JSON.parse(answer.body);
  }

  private send(method: string, path: string, body?: string): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const headers = { host: 'localhost', accept: 'application/json', 'content-type': 'application/json' };
      const sent = request({ socketPath: this.socketPath, method, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
        });
      });
      sent.setTimeout(REQUEST_SECONDS * 1000, () => sent.destroy(new Error(`no answer within ${REQUEST_SECONDS} s`)));
      sent.on('error', reject);
      sent.end(body);
    });
  }
}
