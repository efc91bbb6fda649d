import { spawn } from 'node:child_process';

/** A request that takes longer has no answer any more. */
const TIMEOUT_MILLISECONDS = 120_000;

/** kubectl is not there. */
export class NoKubectlError extends Error {
  override readonly name = 'NoKubectlError';

  constructor() {
    super('kubectl is not on the PATH: install it, or let `npx bouture cluster up` build it');
  }
}

/** kubectl failed; its message says why. */
export class KubectlError extends Error {
  override readonly name = 'KubectlError';

  /** @param answer what it answered nevertheless */
  constructor(
    message: string,
    readonly answer: string = '',
  ) {
    super(message);
  }
}

/**
 * Runs kubectl against the cluster of KUBECONFIG.
 *
 * @param input text for its standard input
 * @returns its standard output
 * @throws KubectlError when it fails
 * @throws NoKubectlError when it is not there
 */
export function kubectl(args: readonly string[], input?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('kubectl', args, { timeout: TIMEOUT_MILLISECONDS });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => undefined); // A command that ends without reading its input is no error.
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' ? new NoKubectlError() : new KubectlError(error.message));
    });
    child.on('close', (code) => {
      const [stdout, stderr] = [out, err].map((chunks) => Buffer.concat(chunks).toString().trimEnd());
      if (code === 0) resolve(stdout ?? '');
      else reject(new KubectlError(`kubectl ${args.slice(0, 2).join(' ')}: ${stderr ?? ''}`, stdout));
    });
    child.stdin.end(input ?? '');
  });
}

/** Runs kubectl where part of an answer will do: some kinds may be forbidden to this user, some of their servers away. */
export async function kubectlPartly(args: readonly string[]): Promise<string> {
  try {
    return await kubectl(args);
  } catch (error) {
    if (error instanceof KubectlError && error.answer !== '') return error.answer;
    throw error;
  }
}
