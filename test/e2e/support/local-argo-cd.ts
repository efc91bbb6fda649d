import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argoCdService, buildCatalog } from '../../../constructs';
import { ensurePrograms } from '../../../tools/cluster/programs';
import { image } from '../../constructs/catalog/fixture';
import type { Running } from './commands';
import { GitServer } from './git-server';
import { HelmFolder } from './helm';
import { ImagePod } from './image-pod';
import { at, listAt, type LiveObject, textAt } from './kubectl';
import { freePorts, LocalApiServer } from './local-api-server';
import { type UnpackedImage, unpackImage } from './local-image';
import { eventually } from './waiting';

/** The space that it stands in. */
export const SPACE = 'user-ada';
/** Password of the repository. */
const TOKEN = 'glpat-of-ada';
/** The ports of the Pod, which may be taken on this machine. */
const PORTS = ['8080', '8081', '8082', '8083', '8084', '6379'] as const;
const KINDS = ['Application', 'ApplicationSet', 'AppProject'];

/** A definition of a kind of Argo CD, as far as the API server needs one. */
function definition(kind: string): unknown {
  const singular = kind.toLowerCase();
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const openAPIV3Schema = { type: 'object', properties: { spec: open, status: open, operation: open } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${singular}s.argoproj.io` },
    spec: {
      group: 'argoproj.io',
      names: { kind, listKind: `${kind}List`, plural: `${singular}s`, singular },
      scope: 'Namespaced',
      versions: [{ name: 'v1alpha1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}

/**
 * A space of Ada's in a real API server, where she has installed Argo CD as `cd` by Helm, with her rights; its Pod runs from its image on
 * this machine, and follows the folder `app` of a repository.
 */
export class LocalArgoCd {
  /** @param files what is in the repository at first */
  static async create(files: Readonly<Record<string, string>>): Promise<LocalArgoCd> {
    const quietly = { say: () => undefined, step: <T>(_: string, act: () => Promise<T>) => act() };
    await ensurePrograms(['kubernetes', 'helm', 'kustomize', 'argo-cd'], quietly);
    const free = await freePorts(PORTS.length);
    const image = await unpackImage('argo-cd');
    const server = await LocalApiServer.create();
    const git = await GitServer.start(server.authority, TOKEN);
    await git.commit(files);
    const made = new LocalArgoCd(server, git, image, new Map(PORTS.map((port, index) => [port, String(free[index])])));
    try {
      await made.prepare();
      await made.install();
      await made.start();
    } catch (error) {
      await made.dispose();
      throw error;
    }
    return made;
  }

  private helmFolder: HelmFolder | undefined;
  private pod: ImagePod | undefined;
  private readonly processes = new Map<string, Running>();

  private constructor(
    readonly server: LocalApiServer,
    readonly git: GitServer,
    private readonly image: UnpackedImage,
    private readonly ports: ReadonlyMap<string, string>,
  ) {}

  /** Runs Helm with Ada's rights. @throws Error with what Helm says when it refuses */
  async helm(...args: readonly string[]): Promise<string> {
    if (this.helmFolder === undefined) throw new Error('no Helm yet');
    const { code, stdout, stderr } = await this.helmFolder.helm(...args, '--namespace', SPACE);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }

  /** Path of the chart. */
  get chart(): string {
    return join(this.helmFolder?.path ?? '', 'argo-cd-1.0.0.tgz');
  }

  /** An object of the cluster. @default - undefined when there is none */
  async get(kind: string, name: string, namespace = SPACE): Promise<LiveObject | undefined> {
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

  /** The password of the service. */
  async password(): Promise<string> {
    return (await this.data('Secret', 'cd-password'))['password']?.toString() ?? '';
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
    const api = new URL(this.server.url);
    this.pod = new ImagePod(this.image, at(await this.get('statefulset', 'cd'), 'spec', 'template', 'spec'), {
      data: (kind, name) => this.data(kind, name),
      token: (await this.server.kubectl(['create', 'token', 'cd', '--namespace', SPACE])).trim(),
      authority: this.server.authority.certificate,
      env: {
        KUBERNETES_SERVICE_HOST: api.hostname,
        KUBERNETES_SERVICE_PORT: api.port,
        KUBERNETES_API: this.server.url,
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
    this.helmFolder?.remove();
    rmSync(this.image.folder, { recursive: true, force: true });
  }

  private get address(): string {
    return `http://127.0.0.1:${this.ports.get('8080') ?? ''}`;
  }

  /** What the platform does: the definitions, the rights of administrators on them, the space. */
  private async prepare(): Promise<void> {
    for (const kind of KINDS) await this.apply(definition(kind));
    await this.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'argo-cd-admin', labels: { 'rbac.authorization.k8s.io/aggregate-to-admin': 'true' } },
      rules: [{ apiGroups: ['argoproj.io'], resources: KINDS.map((kind) => `${kind.toLowerCase()}s`), verbs: ['*'] }],
    });
    for (const namespace of [SPACE, 'other']) await this.server.kubectl(['create', 'namespace', namespace]);
    await this.server.kubectl(['create', 'serviceaccount', 'ada', '--namespace', SPACE]);
    await this.server.kubectl([
      ...['create', 'rolebinding', 'full-control', '--clusterrole', 'admin'],
      ...['--serviceaccount', `${SPACE}:ada`, '--namespace', SPACE],
    ]);
    await eventually('the rights of Ada', async () => {
      const can = await this.server.kubectl([
        ...['auth', 'can-i', 'create', 'applications.argoproj.io', '--namespace', SPACE],
        ...['--as', `system:serviceaccount:${SPACE}:ada`],
      ]);
      return can.trim() === 'yes';
    });
  }

  /** What Ada does. */
  private async install(): Promise<void> {
    const folder = new HelmFolder(await this.server.accountKubeconfig(SPACE, 'ada'));
    this.helmFolder = folder;
    for (const [name, bytes] of buildCatalog([argoCdService({ image: image('argo-cd') })]).files) {
      writeFileSync(join(folder.path, name), bytes);
    }
    const values = {
      git: { repository: this.git.url, revision: 'main', path: 'app', token: TOKEN, interval: 10 },
      certificates: { cacerts: Buffer.from(this.server.authority.certificate).toString('base64') },
    };
    writeFileSync(join(folder.path, 'values.json'), JSON.stringify(values));
    await this.helm('upgrade', '--install', 'cd', this.chart, '--values', join(folder.path, 'values.json'));
  }
}
