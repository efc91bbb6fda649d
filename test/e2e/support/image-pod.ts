import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, start } from './commands';
import { at, listAt, textAt } from './kubectl';
import type { UnpackedImage } from './local-image';

/** What a Pod finds on this machine instead of in a cluster. */
export interface ImagePodOptions {
  /** What the cluster has of a ConfigMap or a Secret, by key. */
  readonly data: (kind: 'ConfigMap' | 'Secret', name: string) => Promise<Readonly<Record<string, Buffer>>>;
  /** A token of the account that it runs as. */
  readonly token: string;
  /** Authority of the API server, in PEM. */
  readonly authority: string;
  /** Variables beside the Pod's own, and in their place. */
  readonly env: Readonly<Record<string, string>>;
  /** Changes a word of a command or a variable, such as a port that is taken here. */
  readonly word: (word: string) => string;
}

/**
 * The containers of a Pod as processes of this machine: with the files of the image as their root, the Pod's volumes at their own places,
 * its user and its environment, and the network of this machine.
 */
export class ImagePod {
  private readonly folder = mkdtempSync(join(tmpdir(), 'bouture-pod-'));
  private readonly running: Running[] = [];

  /** @param spec of the Pod, as the API has it */
  constructor(
    private readonly image: UnpackedImage,
    private readonly spec: unknown,
    private readonly options: ImagePodOptions,
  ) {}

  /** Names of the containers, in the order in which they start. */
  get containers(): readonly string[] {
    return this.all.map((container) => textAt(container, 'name'));
  }

  private get all(): readonly unknown[] {
    return [...listAt(this.spec, 'initContainers'), ...listAt(this.spec, 'containers')];
  }

  /** Starts a container. */
  async start(name: string): Promise<Running> {
    const container = this.all.find((each) => at(each, 'name') === name);
    const mounts = await Promise.all(
      listAt(container, 'volumeMounts').map(async (mount) => {
        // In Debian the first leads to the second, by a link that would lead out of the image here.
        const place = join(this.image.folder, textAt(mount, 'mountPath').replace(/^\/var\/run\//, '/run/'));
        mkdirSync(place, { recursive: true });
        return `mount --bind '${await this.volume(textAt(mount, 'name'))}' '${place}'`;
      }),
    );
    const root = this.image.folder;
    const host = ['hosts', 'resolv.conf'].map((file) => {
      writeFileSync(join(root, 'etc', file), '', { flag: 'a' });
      return `mount --bind /etc/${file} ${root}/etc/${file}`;
    });
    const script = [
      ...mounts,
      ...host,
      `mount --rbind /dev ${root}/dev`,
      `mount --bind /proc ${root}/proc`,
      'exec "$@"',
    ].join(' && ');
    const user = String(at(this.spec, 'securityContext', 'runAsUser'));
    const group = String(at(this.spec, 'securityContext', 'runAsGroup'));
    const variables = {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      ...(await this.variables(container)),
      ...this.options.env,
    };
    const process = start(
      'unshare',
      [
        ...['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh'],
        ...['chroot', `--userspec=${user}:${group}`, '--groups=', root, '/usr/bin/env', '-i'],
        ...Object.entries(variables).map(([key, value]) => `${key}=${value}`),
        ...listAt(container, 'command').map((word) => this.options.word(String(word))),
      ],
      { timeoutSeconds: 1800 },
    );
    this.running.push(process);
    return process;
  }

  /** Ends what runs, in the reverse of the order of its start. */
  async stop(): Promise<void> {
    for (const each of this.running.splice(0).reverse()) await each.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async variables(container: unknown): Promise<Readonly<Record<string, string>>> {
    const found = await Promise.all(
      listAt(container, 'env').map(async (variable): Promise<readonly [string, string] | undefined> => {
        const name = textAt(variable, 'name');
        const ref = at(variable, 'valueFrom', 'secretKeyRef');
        if (ref === undefined) return [name, this.options.word(textAt(variable, 'value'))];
        const value = (await this.options.data('Secret', textAt(ref, 'name')))[textAt(ref, 'key')];
        if (value === undefined && at(ref, 'optional') !== true) throw new Error(`no value for ${name}`);
        return value === undefined ? undefined : [name, value.toString()];
      }),
    );
    return Object.fromEntries(found.filter((each) => each !== undefined));
  }

  /** Folder of a volume, with what is in it. */
  private async volume(name: string): Promise<string> {
    const volume = listAt(this.spec, 'volumes').find((each) => at(each, 'name') === name);
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    const files = await this.filesOf(volume);
    for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
    if (at(volume, 'emptyDir') !== undefined) {
      chownSync(folder, Number(at(this.spec, 'securityContext', 'runAsUser')), 0);
    }
    return folder;
  }

  /** The files of a volume, as the kubelet would place them. */
  private async filesOf(volume: unknown): Promise<Readonly<Record<string, Buffer>>> {
    if (at(volume, 'projected') !== undefined) {
      return { token: Buffer.from(this.options.token), 'ca.crt': Buffer.from(this.options.authority) };
    }
    const [kind, source, name] =
      at(volume, 'secret') === undefined
        ? (['ConfigMap', at(volume, 'configMap'), 'name'] as const)
        : (['Secret', at(volume, 'secret'), 'secretName'] as const);
    if (source === undefined) return {};
    const data = await this.options.data(kind, textAt(source, name));
    const items = listAt(source, 'items').map((item) => [textAt(item, 'key'), textAt(item, 'path')] as const);
    if (items.length === 0) return data;
    return Object.fromEntries(
      items.map(([key, path]) => {
        const content = data[key];
        if (content === undefined) throw new Error(`${kind} ${textAt(source, name)} has no key ${key}`);
        return [path, content];
      }),
    );
  }
}
