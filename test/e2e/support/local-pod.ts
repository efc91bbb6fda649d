import { chmodSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { KubernetesManifest } from '../../../constructs';
import { type Finished, type Running, start } from './commands';
import { at, listAt, textAt } from './kubectl';
import { inImage, type UnpackedImage } from './local-image';

/** Who the container's process is on this machine. */
export interface LocalUser {
  readonly uid: number;
  readonly gid: number;
}

/** What a container finds on this machine instead of in a cluster. */
export interface LocalPodOptions {
  /** An empty folder that stands for the container's root; short, for a socket's path has at most 107 bytes. */
  readonly root: string;
  /** The image, unpacked at `root`: then that folder is all that the process sees. @default - none: this machine's programs run */
  readonly image?: UnpackedImage;
  readonly user: LocalUser;
  /** Values by `<namespace>/<secret>/<key>`. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Variables that are different here, such as hosts and ports. */
  readonly env?: Readonly<Record<string, string>>;
  /** Changes a file of a ConfigMap before it is written. @default - none */
  readonly edit?: (text: string) => string;
  /** Name of the container, which may be one that only initializes. @default - the first that does not */
  readonly container?: string;
  /** Changes a word of the command, such as a port that is taken here. @default - none */
  readonly argument?: (word: string) => string;
  /**
   * Folders of the container that a program looks for at their own place, which no variable says: the process sees them there, in a mount
   * namespace of its own. Below `/run` or `/var/run`. @default - none
   */
  readonly fixedFolders?: readonly string[];
}

/**
 * Runs one container of a synthesized workload as a process of this machine: its command, its environment and its files, as the
 * manifests have them, but below a folder instead of in a root file system of their own. What is tested is what will run in the cluster,
 * without its isolation.
 */
export class LocalPod {
  private readonly container: unknown;

  /** @param kind and the beginning of the name of the object whose Pod it is */
  constructor(
    private readonly synthesis: { readonly objects: readonly { readonly manifest: KubernetesManifest }[] },
    kind: string,
    name: string,
    private readonly options: LocalPodOptions,
  ) {
    const found = synthesis.objects.filter(
      ({ manifest }) => manifest.kind === kind && manifest.metadata.name.startsWith(name),
    );
    if (found.length !== 1) throw new Error(`expected one ${kind} "${name}...", found ${found.length}`);
    const manifest = found[0]?.manifest;
    const pod = at(manifest, ...(kind === 'CronJob' ? ['spec', 'jobTemplate'] : []), 'spec', 'template', 'spec');
    const containers = listAt(pod, 'containers');
    this.container =
      options.container === undefined
        ? containers[0]
        : [...listAt(pod, 'initContainers'), ...containers].find((each) => at(each, 'name') === options.container);
    const volumes = listAt(pod, 'volumes');
    const namespace = manifest?.metadata.namespace ?? '';
    for (const mount of listAt(this.container, 'volumeMounts')) {
      const volume = volumes.find((candidate) => at(candidate, 'name') === at(mount, 'name'));
      this.provide(textAt(mount, 'mountPath'), volume, namespace);
    }
    this.environment = this.environmentIn(namespace);
  }

  /** Variables that the container has besides those of its image. */
  readonly environment: Readonly<Record<string, string>>;

  /** Where a path of the container is on this machine. */
  path(inContainer: string): string {
    return join(this.options.root, inContainer);
  }

  /** Starts it. @param env variables that someone changes for this run */
  start(env: Readonly<Record<string, string>> = {}): Running {
    return this.as(
      listAt(this.container, 'command').map((part) => this.here(this.options.argument?.(String(part)) ?? String(part))),
      env,
    );
  }

  /** Starts a command as the container would: its user, its environment, no terminal. */
  private as(command: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    const { user, image, fixedFolders = [] } = this.options;
    if (image !== undefined) return inImage(image, user, command, { ...this.environment, ...env });
    const { uid, gid } = user;
    const variables = { PATH: process.env['PATH'] ?? '', ...this.environment, ...env };
    const mounts = fixedFolders.map((folder) => {
      const place = folder.replace(/^\/var\/run\//, '/run/');
      return `mkdir -p '${place}' && mount --bind '${this.path(folder)}' '${place}' && `;
    });
    const namespace = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      `mount -t tmpfs tmpfs /run && ${mounts.join('')}exec "$0" "$@"`,
    ];
    const [program = '', ...args] = [
      ...(mounts.length === 0 ? [] : namespace),
      ...['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', 'env', '-i'],
      ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
      ...command,
    ];
    return start(program, args);
  }

  /** Whether its startup probe succeeds now. */
  async started(): Promise<boolean> {
    const probe = listAt(this.container, 'startupProbe', 'exec', 'command').map(String);
    return (await this.as(probe).finished).code === 0;
  }

  /** Runs it to its end, whatever its exit code. */
  async run(env: Readonly<Record<string, string>> = {}): Promise<Finished> {
    this.emptyFolders();
    return this.start(env).finished;
  }

  /** A new Pod finds its `emptyDir` volumes empty. */
  private emptyFolders(): void {
    for (const folder of this.scratch) {
      rmSync(folder, { recursive: true, force: true });
      this.folder(folder, this.options.user);
    }
  }

  private readonly scratch: string[] = [];

  private provide(mountPath: string, volume: unknown, namespace: string): void {
    const folder = this.path(mountPath);
    if (at(volume, 'configMap') !== undefined) {
      const configMap = this.object('ConfigMap', textAt(volume, 'configMap', 'name'));
      this.folder(folder, { uid: 0, gid: 0 });
      const data = at(configMap, 'data') as Record<string, string>;
      const items = at(volume, 'configMap', 'items') ?? Object.keys(data).map((key) => ({ key, path: key }));
      for (const { key, path } of items as { key: string; path: string }[]) {
        const text = this.here(data[key] ?? '');
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), this.options.edit?.(text) ?? text);
      }
      return;
    }
    const sources = at(volume, 'secret') !== undefined ? [volume] : listAt(volume, 'projected', 'sources');
    if (sources.length > 0) {
      this.folder(folder, { uid: 0, gid: 0 });
      for (const source of sources) {
        const name = at(source, 'secret', 'secretName') ?? at(source, 'secret', 'name');
        const keys = Object.keys(this.options.secrets).filter((key) => key.startsWith(`${namespace}/${String(name)}/`));
        const items =
          at(source, 'secret', 'items') ?? keys.map((key) => ({ key: key.split('/')[2], path: key.split('/')[2] }));
        for (const item of items as { key: string; path: string }[]) {
          this.writeSecret(join(folder, item.path), this.secret(`${namespace}/${String(name)}/${item.key}`));
        }
      }
      return;
    }
    this.folder(folder, this.options.user);
    if (at(volume, 'emptyDir') !== undefined) this.scratch.push(folder);
  }

  /** As the kubelet writes it for a Pod with an fsGroup: root's own, readable by the group. */
  writeSecret(file: string, value: string): void {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, value);
    chownSync(file, 0, this.options.user.gid);
    chmodSync(file, 0o440);
  }

  private folder(path: string, owner: LocalUser): void {
    mkdirSync(path, { recursive: true });
    chownSync(path, owner.uid, owner.gid);
  }

  private environmentIn(namespace: string): Record<string, string> {
    const given = this.options.env ?? {};
    const declared = listAt(this.container, 'env').filter((variable) => !(textAt(variable, 'name') in given));
    const variables = declared.map((variable) => {
      const ref = at(variable, 'valueFrom', 'secretKeyRef');
      const value =
        ref === undefined
          ? this.here(textAt(variable, 'value'))
          : this.secret(`${namespace}/${textAt(ref, 'name')}/${textAt(ref, 'key')}`);
      return [textAt(variable, 'name'), value];
    });
    const files = listAt(this.container, 'envFrom').map((source) => {
      const prefix = `${namespace}/${textAt(source, 'secretRef', 'name')}/`;
      const found = Object.entries(this.options.secrets).filter(([id]) => id.startsWith(prefix));
      return Object.fromEntries(found.map(([id, value]) => [id.slice(prefix.length), value]));
    });
    return Object.assign({}, ...files, Object.fromEntries(variables), given) as Record<string, string>;
  }

  private secret(id: string): string {
    const value = this.options.secrets[id];
    if (value === undefined) throw new Error(`no value for secret ${id}`);
    return value;
  }

  private object(kind: string, name: string): unknown {
    return this.synthesis.objects.find(({ manifest }) => manifest.kind === kind && manifest.metadata.name === name)
      ?.manifest;
  }

  /** Paths of the container's own volumes, wherever a text names them, as they are on this machine. */
  private here(text: string): string {
    if (this.options.image !== undefined) return text;
    const paths = listAt(this.container, 'volumeMounts').map((mount) => textAt(mount, 'mountPath'));
    const longestFirst = paths.sort((a, b) => b.length - a.length).join('|');
    return text.replaceAll(new RegExp(`(?<![\\w/])(?:${longestFirst})(?![\\w-])`, 'g'), (path) => this.path(path));
  }
}
