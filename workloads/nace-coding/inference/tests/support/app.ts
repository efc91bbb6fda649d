import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import type { z } from 'zod';
import { type App, start } from '../../src/app.js';
import { configSchema, type Config } from '../../src/config.js';
import { writeBundle } from './bundle.js';

/** A registry that is away: nothing listens on this port. */
export const NO_REGISTRY = 'http://127.0.0.1:24999';
export const MODEL = 'nace';

type ConfigInput = Partial<z.input<typeof configSchema>>;

/** Waits until something holds. @throws Error after a while, with what was awaited */
export async function eventually(what: string, holds: () => Promise<boolean> | boolean, seconds = 30): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not after ${seconds} s: ${what}`);
    await pause(50);
  }
}

/** The service with a version that it finds on its disk, as after a restart while the registry is away. */
export class TestApp {
  static async start(
    fixtures: string,
    overrides: ConfigInput = {},
    versions: { shadow?: boolean } = {},
  ): Promise<TestApp> {
    const folder = mkdtempSync(join(tmpdir(), 'inference-'));
    const config = configOf(folder, overrides);
    placeVersion(config, 'main', 1, fixtures);
    if (versions.shadow === true) placeVersion(config, 'shadow', 2, fixtures);
    const app = new TestApp(folder, config, await start(config, pino({ level: process.env['TEST_LOG'] ?? 'silent' })));
    await eventually('ready', async () => (await fetch(`${app.managementUrl}/readyz`)).status === 200);
    return app;
  }

  private constructor(
    readonly folder: string,
    readonly config: Config,
    readonly app: App,
  ) {}

  get url(): string {
    return urlOf(this.app.server);
  }

  get managementUrl(): string {
    return urlOf(this.app.management);
  }

  /** Sends JSON. */
  async post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.managementUrl}/metrics`)).text();
  }

  async stop(): Promise<boolean> {
    const kept = await this.app.stop();
    rmSync(this.folder, { recursive: true, force: true });
    return kept;
  }
}

function urlOf(server: App['server']): string {
  const [address] = server.addresses();
  return `http://127.0.0.1:${typeof address === 'object' ? address.port : 0}`;
}

/** A configuration on free ports, in a folder. */
export function configOf(folder: string, overrides: ConfigInput = {}): Config {
  return configSchema.parse({
    server: { host: '127.0.0.1', port: 0, managementPort: 0, drainSeconds: 0, shutdownSeconds: 10 },
    registry: { url: NO_REGISTRY, model: MODEL, select: { alias: 'champion' } },
    cacheFolder: join(folder, 'cache'),
    confidence: { index: 'margin', threshold: 0.5 },
    authentication: { kind: 'none' },
    ...overrides,
  });
}

function placeVersion(config: Config, slot: 'main' | 'shadow', version: 1 | 2, fixtures: string): void {
  const key = createHash('sha256').update(`${config.registry.url}\n${MODEL}`).digest('hex').slice(0, 16);
  const cache = join(config.cacheFolder, `${slot}-${key}`);
  mkdirSync(cache, { recursive: true });
  writeBundle(fixtures, version, join(cache, String(version)));
  const last = { name: MODEL, version: String(version), ready: true, status: 'READY' };
  writeFileSync(join(cache, 'last.json'), JSON.stringify(last));
}
