import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { waitFor } from '../cluster/commands';

/** A Service's port, reachable on this machine. */
export interface Forwarded {
  readonly port: number;
  /** `http://localhost:40001` */
  readonly url: string;
}

/** A TCP port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('the kernel gave no port'));
      });
    });
  });
}

/**
 * Forwards a port of this machine to a Service or a Pod, as a person does with kubectl, while `use` runs.
 *
 * @param target `service/mlflow` or `pod/mlflow-0`
 * @param port of the Service or of the Pod
 * @throws Error when kubectl ends before it listens
 */
export async function withPortForward<T>(
  namespace: string,
  target: string,
  port: number,
  use: (forwarded: Forwarded) => Promise<T>,
): Promise<T> {
  const local = await freePort();
  const kubectl = spawn('kubectl', ['port-forward', '-n', namespace, target, `${local}:${port}`]);
  try {
    await listening(kubectl, `port-forward to ${namespace}/${target}`);
    return await use({ port: local, url: `http://localhost:${local}` });
  } finally {
    kubectl.kill();
  }
}

async function listening(kubectl: ChildProcess, what: string): Promise<void> {
  let said = '';
  let ended = false;
  for (const stream of [kubectl.stdout, kubectl.stderr])
    stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  kubectl.on('error', (error) => {
    said += error.message;
    ended = true;
  });
  kubectl.on('exit', () => (ended = true));
  await waitFor(what, () => {
    if (ended) throw new Error(`${what} ended: ${said.trim()}`);
    return Promise.resolve(said.includes('Forwarding from'));
  });
}
