import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DeployTimeValue,
  type KeycloakRealm,
  type LoginProps,
  ModelMonitoring,
  Platform,
  type SecretValue,
  type Synthesis,
  synthesize,
} from '../../../constructs';
import { type Rotations, textOf } from '../../../stacks/generated-values';
import { ensurePrograms, programPath } from '../../../tools/cluster/programs';
import { silentProgress } from '../../../tools/cluster/progress';
import { testCase, testService } from '../../constructs/mlops/fixture';
import { freePort } from '../../../tools/quickstart/port-forward';
import type { Running } from './commands';
import { ensureDebian } from './debian';
import type { DeclaredRealm, LocalKeycloak } from './local-keycloak';
import { LocalPod, type LocalUser } from './local-pod';
import { eventually } from './waiting';

/** Where browsers find the pages. */
export const PAGES_URL = 'https://monitoring.example.org';
const NAME = 'monitoring-dashboard';
const NOBODY: LocalUser = { uid: 65_534, gid: 65_534 };
const SEED = Buffer.alloc(32, 'seed of the test').toString('base64');
/** What the containers of the Pod listen on, and where the realm answers inside of a cluster. */
const OUTER = '0.0.0.0:8080';
const INNER = '127.0.0.1:8081';
const HEALTH = 'listen 8082;';
const REALM = 'http://keycloak.demo-keycloak.svc.cluster.local:8080';

/** A realm with the pages of monitoring behind its login. */
export function realmWithPages(login: Omit<LoginProps, 'provider'>): DeclaredRealm {
  return {
    build: (realm: KeycloakRealm) => {
      addPages(Platform.of(realm), { ...login, provider: realm });
    },
  };
}

/** The pages of monitoring behind a login. */
export function addPages(platform: Platform, login: LoginProps): void {
  const service = testService(testCase({}, platform));
  const monitoring = new ModelMonitoring(platform, 'monitoring', {
    service,
    nomenclature: 'naf2',
    dashboard: { login },
  });
  monitoring.exposeVia({ expose: () => ({ host: new URL(PAGES_URL).host, url: PAGES_URL }) });
}

/** What differs from one start to the next. */
export interface LocalPagesOptions {
  /** Which generated values were rotated, and how often. @default - none */
  readonly rotations?: Rotations;
  /** Values of Secrets that somebody else makes. @default - none */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Variables of the login beside its own. @default - none */
  readonly env?: Readonly<Record<string, string>>;
}

function valueOf(value: SecretValue, rotations: Rotations): string {
  if (typeof value === 'string') return value;
  if (value instanceof DeployTimeValue) throw new Error('a value of a Secret that nothing generates');
  return textOf(value, SEED, rotations);
}

/** What a deployment would give to every Secret of a platform, by `<namespace>/<name>/<key>`. */
export function secretValues({ secrets }: Synthesis, rotations: Rotations = {}): Record<string, string> {
  return Object.fromEntries(
    secrets.flatMap(({ namespace, name, data }) =>
      Object.entries(data).map(([key, value]) => [`${namespace}/${name}/${key}`, valueOf(value, rotations)]),
    ),
  );
}

/**
 * The web server and the login of the Pod of the pages as processes of this machine: commands, settings and secrets are those that are rendered, with
 * other ports, and with the address of a local Keycloak in the place of its Service.
 */
export class LocalPages {
  static async create(
    platform: Platform,
    keycloak: LocalKeycloak,
    { rotations = {}, secrets = {}, env = {} }: LocalPagesOptions = {},
  ): Promise<LocalPages> {
    await ensureDebian({ '/usr/sbin/nginx': 'nginx-light' });
    await ensurePrograms(['oauth2-proxy'], silentProgress);
    const synthesis = synthesize(platform);
    const [outer, inner, health] = [await freePort(), await freePort(), await freePort()];
    const pages = new LocalPages(outer, inner, health);
    const edits: readonly (readonly [string, string])[] = [
      [OUTER, `127.0.0.1:${outer}`],
      [INNER, `127.0.0.1:${inner}`],
      [HEALTH, `listen 127.0.0.1:${health};`],
      [REALM, keycloak.url],
    ];
    // A copy, as in the image: the user of the Pod may not look into the home directory, where the cache is.
    const program = join(pages.folder('programs'), 'oauth2-proxy');
    copyFileSync(programPath('oauth2-proxy'), program);
    const pod = (container: string) =>
      new LocalPod(synthesis, 'Deployment', NAME, {
        root: pages.folder(container),
        user: NOBODY,
        secrets: { ...secretValues(synthesis, rotations), ...secrets },
        env: container === 'login' ? env : {},
        container,
        argument: (word) => (word === 'oauth2-proxy' ? program : word),
        edit: (text) => edits.reduce((edited, [from, to]) => edited.replaceAll(from, to), text),
      });
    const web = pod('pages');
    const site = web.path('/srv/site/current');
    mkdirSync(site);
    writeFileSync(join(site, 'index.html'), '<!doctype html><title>Monitoring</title><h1>What was coded</h1>');
    pages.running.push(web.start(), pod('login').start());
    await eventually(
      'the pages',
      async () => (await pages.get('/oauth2/ping')).ok && (await pages.health('/health')).ok,
      {
        seconds: 60,
        everySeconds: 0.5,
      },
    ).catch(async (error: unknown) => {
      const { log } = pages;
      await pages.stop();
      throw new Error(`${String(error)}\n${log}`);
    });
    return pages;
  }

  private readonly root = mkdtempSync('/var/tmp/bp-');
  private readonly running: Running[] = [];

  private constructor(
    private readonly outer: number,
    /** Where the web server listens for the login alone. */
    readonly inner: number,
    private readonly healthPort: number,
  ) {
    chmodSync(this.root, 0o755);
  }

  /** Where whoever is let in by the network reaches the Pod. */
  get url(): string {
    return `http://127.0.0.1:${this.outer}`;
  }

  /** Asks for a page as somebody with some cookies, and follows nothing. */
  get(path: string, cookies = ''): Promise<Response> {
    return fetch(`${this.url}${path}`, { redirect: 'manual', headers: cookies === '' ? {} : { cookie: cookies } });
  }

  /** Asks what the kubelet asks. */
  health(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.healthPort}${path}`);
  }

  /** What both have written. */
  get log(): string {
    return this.running.map(({ output }) => output).join('\n');
  }

  async stop(): Promise<void> {
    for (const each of this.running) await each.stop();
    rmSync(this.root, { recursive: true, force: true });
  }

  private folder(container: string): string {
    const folder = join(this.root, container);
    mkdirSync(folder);
    return folder;
  }
}
