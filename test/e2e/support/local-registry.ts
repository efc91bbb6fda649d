import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Running, start } from './commands';
import { freePorts } from './local-api-server';
import { eventually } from './waiting';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** A registry of images on the loopback address, without TLS, in a folder of its own. */
export class LocalRegistry {
  static async start(): Promise<LocalRegistry> {
    const [port = 0] = await freePorts(1);
    const folder = mkdtempSync(join(tmpdir(), 'bouture-registry-'));
    const settings = {
      version: '0.1',
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: join(folder, 'data') } },
      http: { addr: `127.0.0.1:${port}` },
    };
    writeFileSync(join(folder, 'settings.yaml'), stringify(settings));
    const running = start('docker-registry', ['serve', join(folder, 'settings.yaml')], { timeoutSeconds: 3600 });
    const registry = new LocalRegistry(`localhost:${port}`, folder, running);
    await eventually('the registry', async () => (await fetch(`http://localhost:${port}/v2/`)).ok, { seconds: 30 });
    return registry;
  }

  private constructor(
    /** As it stands before a repository: `localhost:41234`. */
    readonly host: string,
    private readonly folder: string,
    private readonly running: Running,
  ) {}

  /** Repositories that something was pushed to. */
  async repositories(): Promise<readonly string[]> {
    const { repositories } = (await (await fetch(`http://${this.host}/v2/_catalog`)).json()) as {
      repositories: string[];
    };
    return repositories;
  }

  /** Digest of a tag. @returns undefined when there is no such tag */
  async digestOf(repository: string, tag: string): Promise<string | undefined> {
    const { ok, headers } = await fetch(`http://${this.host}/v2/${repository}/manifests/${tag}`, {
      method: 'HEAD',
      headers: { accept: MANIFEST },
    });
    return ok ? (headers.get('docker-content-digest') ?? undefined) : undefined;
  }

  /** Ends it and forgets what was pushed. */
  async dispose(): Promise<void> {
    await this.running.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
