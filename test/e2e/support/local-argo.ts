import { programPath } from '../../../tools/cluster/programs';
import { freePort } from '../../../tools/quickstart/port-forward';
import { type Running, start } from './commands';
import { eventually } from './waiting';

/** A program of Argo as a process of this machine. */
export interface ArgoProps {
  /** Path of the kubeconfig of its account. */
  readonly kubeconfig: string;
  /** Where it is installed. */
  readonly namespace: string;
  /** Its command line as its Pod has it, from the program's name on. */
  readonly command: readonly string[];
  /** Added to its environment. @default - nothing */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts a program of Argo, for longer than any test: whoever starts it ends it. It finds the API server by its environment, for that is
 * where the server looks on behalf of its callers.
 */
export function startArgo(
  { kubeconfig, namespace, command: [program = '', ...args], env }: ArgoProps,
  ...options: string[]
): Running {
  return start(programPath(program), [...args, '--namespace', namespace, ...options], {
    timeoutSeconds: 3600,
    env: { KUBECONFIG: kubeconfig, LEADER_ELECTION_DISABLE: 'true', ...env },
  });
}

/** A path of each service whose answers tests look at. */
const SERVICES = ['/api/v1/version', '/api/v1/workflows/default', '/api/v1/archived-workflows'];

/** A server of Argo. */
export class LocalArgoServer {
  /** Starts it, and waits until it answers: its services connect to each other one by one, and refuse what comes before. */
  static async start(props: ArgoProps): Promise<LocalArgoServer> {
    const port = await freePort();
    const server = new LocalArgoServer(port, startArgo(props, '--port', String(port)));
    try {
      for (const path of SERVICES) {
        await eventually(`${path} of Argo`, async () => (await server.ask('GET', path)).status < 500);
      }
    } catch (error) {
      const { output } = server.running;
      await server.stop();
      throw new Error(`${String(error)}\n${output.slice(-3000)}`, { cause: error });
    }
    return server;
  }

  private constructor(
    private readonly port: number,
    readonly running: Running,
  ) {}

  /** @param token of whoever asks. @default - nobody */
  async ask(
    method: 'GET' | 'POST',
    path: string,
    { token, body }: { readonly token?: string | undefined; readonly body?: unknown } = {},
  ): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
    const answer = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {} };
  }

  /** Ends it. */
  async stop(): Promise<void> {
    await this.running.stop();
  }
}
