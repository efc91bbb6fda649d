import { rmSync } from 'node:fs';
import type { Running } from './commands';
import type { GitServer } from './git-server';
import { ImagePod } from './image-pod';
import { at, listAt, type LiveObject, textAt } from './kubectl';
import { freePorts, type LocalApiServer } from './local-api-server';
import type { UnpackedImage } from './local-image';
import { eventually } from './waiting';

/** The ports of the Pod, which may be taken on this machine. */
const PORTS = ['8080', '8081', '8082', '8083', '8084', '6379'] as const;

/** Where an Argo CD stands in the API server. */
export interface ArgoCdPlace {
  readonly namespace: string;
  /** Name of its StatefulSet. */
  readonly workload: string;
  /** Name of its service account. */
  readonly account: string;
  /** Variables in place of the Pod's own. @default - none beside those of the API server */
  readonly env?: Readonly<Record<string, string>>;
}

/** Ports of this machine in place of the Pod's. */
export async function argoCdPorts(): Promise<ReadonlyMap<string, string>> {
  const free = await freePorts(PORTS.length);
  return new Map(PORTS.map((port, index) => [port, String(free[index])]));
}

/**
 * The real programs of an Argo CD, as processes of this machine: from its image, by the StatefulSet that a real API server has, with the
 * rights of its account there and nobody else's.
 */
export class ArgoCdPrograms {
  private pod: ImagePod | undefined;
  private readonly processes = new Map<string, Running>();

  constructor(
    readonly server: LocalApiServer,
    readonly git: GitServer,
    private readonly image: UnpackedImage,
    private readonly ports: ReadonlyMap<string, string>,
    private readonly place: ArgoCdPlace,
  ) {}

  /** An object of the cluster. @default - undefined when there is none */
  async get(kind: string, name: string, namespace = this.place.namespace): Promise<LiveObject | undefined> {
    const text = await this.server.kubectl([
      ...['get', kind, name, '--namespace', namespace, '--output', 'json', '--ignore-not-found'],
    ]);
    return text === '' ? undefined : (JSON.parse(text) as LiveObject);
  }

  /** What is in a ConfigMap or a Secret. */
  async data(kind: string, name: string): Promise<Readonly<Record<string, Buffer>>> {
    const found = await this.get(kind, name);
    const texts = Object.entries((at(found, 'data') ?? {}) as Record<string, string>);
    const binaries = Object.entries((at(found, 'binaryData') ?? {}) as Record<string, string>);
    return Object.fromEntries([
      ...texts.map(([key, text]) => [key, Buffer.from(text, kind === 'Secret' ? 'base64' : 'utf8')] as const),
      ...binaries.map(([key, text]) => [key, Buffer.from(text, 'base64')] as const),
    ]);
  }

  async apply(object: unknown): Promise<void> {
    await this.server.kubectl(['apply', '--filename', '-'], object);
  }

  /** Asks the server. @param bearer the session of whoever asks. @default - nobody's */
  async call(
    path: string,
    body?: unknown,
    bearer?: string,
    method = body === undefined ? 'GET' : 'POST',
  ): Promise<Response> {
    return fetch(`${this.address}/api/v1/${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** Signs in. */
  async session(password: string): Promise<Response> {
    return this.call('session', { username: 'admin', password });
  }

  /** State, health and what is wrong with an Application, in one line. */
  async stateOf(name: string): Promise<string> {
    const app = await this.get('applications.argoproj.io', name);
    const wrong = listAt(app, 'status', 'conditions').map(
      (each) => `${textAt(each, 'type')}: ${textAt(each, 'message')}`,
    );
    return [at(app, 'status', 'sync', 'status'), at(app, 'status', 'health', 'status'), ...wrong].join('|');
  }

  /** What a container has said. */
  outputOf(container: string): string {
    return this.processes.get(container)?.output ?? '';
  }

  /** Starts the containers in their order, as the cluster has them now. */
  async start(): Promise<void> {
    const { account, namespace, workload, env } = this.place;
    const api = new URL(this.server.url);
    this.pod = new ImagePod(this.image, at(await this.get('statefulset', workload), 'spec', 'template', 'spec'), {
      data: (kind, name) => this.data(kind, name),
      token: (await this.server.kubectl(['create', 'token', account, '--namespace', namespace])).trim(),
      authority: this.server.authority.certificate,
      env: {
        KUBERNETES_SERVICE_HOST: api.hostname,
        KUBERNETES_SERVICE_PORT: api.port,
        KUBERNETES_API: this.server.url,
        ...env,
      },
      word: (text) => text.replace(/\b(8080|8081|8082|8083|8084|6379)\b/, (port) => this.ports.get(port) ?? port),
    });
    for (const name of this.pod.containers) {
      const running = await this.pod.start(name);
      this.processes.set(name, running);
      if (name !== 'password') continue;
      const { code, output } = await running.finished;
      if (code !== 0) throw new Error(output);
    }
    await eventually('the server', async () => (await fetch(`${this.address}/healthz`)).ok, { seconds: 120 });
  }

  /** Ends the containers, as a pause does. */
  async stop(): Promise<void> {
    await this.pod?.stop();
  }

  /** Ends everything. */
  async dispose(): Promise<void> {
    await this.stop();
    await this.git.dispose();
    await this.server.dispose();
    rmSync(this.image.folder, { recursive: true, force: true });
  }

  private get address(): string {
    return `http://127.0.0.1:${this.ports.get('8080') ?? ''}`;
  }
}
