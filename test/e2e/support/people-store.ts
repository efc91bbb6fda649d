import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Construct } from 'constructs';
import {
  type IConfidentialClient,
  type IIdentityProvider,
  type IOidcClient,
  MinioTenant,
  type PublicClientProps,
  SpaceNames,
  synthesize,
  type TokenConsumer,
  type TokenKeys,
} from '../../../constructs';
import { programPath } from '../../../tools/cluster/programs';
import { testPlatform } from '../../support/platform';
import { freePort } from '../../../tools/quickstart/port-forward';
import { attempt, type Finished, type Running, start } from './commands';
import { LocalPod, type LocalPodOptions } from './local-pod';
import type { TokenIssuer } from './token-issuer';
import { eventually } from './waiting';

/** What a realm is to a store: it signs, and puts permissions into a claim. The real one has a test of its own. */
class StoreRealm extends Construct implements IIdentityProvider {
  readonly issuer: string;
  readonly claims = { username: 'preferred_username', groups: 'groups', roles: 'roles' };
  private readonly everyone: string[] = [];
  private readonly groups: [string, string][] = [];

  constructor(
    scope: Construct,
    private readonly tokens: TokenIssuer,
  ) {
    super(scope, 'realm');
    this.issuer = tokens.issuer;
  }

  addPublicClient(clientId: string, props: PublicClientProps = {}): IOidcClient {
    return {
      clientId,
      audience: props.audience ?? clientId,
      accessTokenSeconds: 300,
      allowRedirect: () => undefined,
      grantEveryone: (permission) => this.everyone.push(permission),
      grantGroup: (group, permission) => this.groups.push([group, permission]),
    };
  }

  addConfidentialClient(): IConfidentialClient {
    throw new Error('not asked for');
  }

  addGroup(): void {
    // The test says in each token who is in which group.
  }

  grantKeys(consumer: TokenConsumer): TokenKeys {
    consumer.connections.allowToExternal({ cidrs: ['127.0.0.1/32'] }, 443);
    return { issuer: this.issuer, discoveryUrl: this.issuer, jwksUrl: this.tokens.jwksUrl };
  }

  /** The permissions of a person. */
  permissions(memberOf: readonly string[]): readonly string[] {
    return [...this.everyone, ...this.groups.filter(([group]) => memberOf.includes(group)).map(([, name]) => name)];
  }
}

/** What a store gives for a token. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** What a person asks credentials with, and what root does: the same for every store that takes tokens of people. */
export abstract class PeopleStore {
  protected constructor(
    protected readonly folder: string,
    readonly url: string,
    protected readonly tokens: TokenIssuer,
  ) {}

  /** Claims of a person's token that say what the store lets it do. */
  protected abstract permissionClaims(groups: readonly string[]): Readonly<Record<string, unknown>>;

  /** Starts the server, or starts it again with its data. */
  abstract serve(): Promise<void>;

  /** What the server has said. */
  protected abstract get log(): string;

  /** Ends the server; its data stay. */
  abstract stop(): Promise<void>;

  /** A token of a person who is in some groups. */
  tokenOf(username: string, groups: readonly string[] = [], claims: Readonly<Record<string, unknown>> = {}): string {
    return this.tokens.sign({
      aud: ['minio'],
      azp: 'onyxia-minio',
      sub: username,
      preferred_username: username,
      groups,
      ...this.permissionClaims(groups),
      ...claims,
    });
  }

  /** Asks for credentials as a browser does. @returns what the store refuses with, or the credentials */
  async assume(token: string, durationSeconds?: number): Promise<Credentials | string> {
    const form = new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      WebIdentityToken: token,
      ...(durationSeconds === undefined ? {} : { DurationSeconds: String(durationSeconds) }),
    });
    const text = await (await fetch(this.url, { method: 'POST', body: form })).text();
    const field = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
    const [accessKeyId, secretAccessKey, sessionToken] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map(field);
    if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined) {
      return `${field('Code') ?? 'no code'}: ${field('Message') ?? text}`;
    }
    return { accessKeyId, secretAccessKey, sessionToken };
  }

  /** Runs mc as a person. */
  async person(credentials: Credentials | string, ...args: readonly string[]): Promise<Finished> {
    if (typeof credentials === 'string') throw new Error(`no credentials: ${credentials}`);
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    return this.mc(this.url.replace('://', `://${accessKeyId}:${secretAccessKey}:${sessionToken}@`), ...args);
  }

  /** Runs mc as root. */
  async root(...args: readonly string[]): Promise<Finished> {
    return this.mc(this.url.replace('://', `://${ROOT_USER}:${ROOT_PASSWORD}@`), ...args);
  }

  /** Runs mc; the store's alias is `store`, and what it reads from its input is `content`. */
  async mc(host: string, ...args: readonly string[]): Promise<Finished> {
    return attempt(programPath('mc'), [...args], {
      env: { MC_HOST_store: host, MC_CONFIG_DIR: join(this.folder, 'mc'), MC_NO_COLOR: '1', HOME: this.folder },
      input: 'content',
    });
  }

  /** Ends the server and forgets everything. */
  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  protected async ready(): Promise<void> {
    const answers = async () => (await fetch(`${this.url}/minio/health/cluster`)).status === 200;
    await eventually('the store', answers, { seconds: 60 }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.log}`);
    });
  }
}

/** The containers of a MinioTenant that people log in to, as processes of this machine. */
export class TenantStore extends PeopleStore {
  /** @param durationSeconds the longest life of credentials */
  static async create(tokens: TokenIssuer, durationSeconds: number, origin: string): Promise<TenantStore> {
    const [port, keysPort] = [await freePort(), await freePort()];
    const folder = mkdtempSync('/tmp/bm-');
    chmodSync(folder, 0o755);
    const url = `http://127.0.0.1:${port}`;

    const platform = testPlatform();
    const realm = new StoreRealm(platform, tokens);
    const store = new MinioTenant(platform, 'minio');
    store.addBucket('of-a-program');
    const people = store.federate(realm, { names: new SpaceNames(), url: 'https://s3.example.org', durationSeconds });
    people.allowOrigin(origin);
    people.addProject('census');
    const synthesis = synthesize(platform);

    const move = (word: string) => word.replaceAll('9005', String(keysPort)).replace(/^:9000$/, `127.0.0.1:${port}`);
    const options = (name: string, more: Partial<LocalPodOptions> = {}): LocalPodOptions => ({
      root: join(folder, name),
      user: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
      secrets: SECRETS,
      argument: move,
      ...more,
    });
    const configUrl = `http://127.0.0.1:${keysPort}/.well-known/openid-configuration`;
    const path = `${join(programPath('minio'), '..')}:${join(programPath('mc'), '..')}:${process.env['PATH'] ?? ''}`;
    const env = { MINIO_IDENTITY_OPENID_CONFIG_URL: configUrl, PATH: path };
    return new TenantStore(folder, url, tokens, realm, {
      server: new LocalPod(synthesis, 'StatefulSet', 'minio', options('server', { env })),
      sidecar: new LocalPod(synthesis, 'StatefulSet', 'minio', options('keys', { container: 'identity-keys' })),
      provisioning: new LocalPod(
        synthesis,
        'Job',
        'minio-provisioning',
        options('job', { env: { STORE_URL: url, PATH: path } }),
      ),
    });
  }

  private running: Running[] = [];

  private constructor(
    folder: string,
    url: string,
    tokens: TokenIssuer,
    private readonly realm: StoreRealm,
    private readonly pods: Readonly<Record<'server' | 'sidecar' | 'provisioning', LocalPod>>,
  ) {
    super(folder, url, tokens);
  }

  permissionClaims(groups: readonly string[]): { readonly policy: readonly string[] } {
    return { policy: this.realm.permissions(groups) };
  }

  async serve(): Promise<void> {
    this.running = [this.pods.sidecar.start(), this.pods.server.start()];
    await this.ready();
  }

  async stop(): Promise<void> {
    await Promise.all(this.running.splice(0).map((each) => each.stop()));
  }

  protected get log(): string {
    return this.running.map(({ output }) => output).join('\n');
  }

  /** Runs the Job that makes what is declared. */
  async provision(): Promise<Finished> {
    return this.pods.provisioning.run();
  }
}

/** A policy that names buckets by how they begin, and lets everything be done to them. */
const BY_PREFIX = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['s3:*'],
      Resource: ['arn:aws:s3:::user-${jwt:preferred_username}*', 'arn:aws:s3:::projet-*'],
    },
  ],
};

/** A MinIO that takes tokens of people as a quick set-up does: one policy for all, by prefix, and no secret for its client. */
export class PrefixStore extends PeopleStore {
  static async create(tokens: TokenIssuer): Promise<PrefixStore> {
    const folder = mkdtempSync('/tmp/bn-');
    mkdirSync(join(folder, 'data'));
    return new PrefixStore(folder, `http://127.0.0.1:${await freePort()}`, tokens);
  }

  private server: Running | undefined;

  permissionClaims(): Readonly<Record<string, unknown>> {
    return { policy: 'stsonly' };
  }

  async serve(): Promise<void> {
    const args = ['server', join(this.folder, 'data'), '--address', new URL(this.url).host];
    this.server = start(programPath('minio'), args, {
      env: {
        HOME: this.folder,
        MINIO_ROOT_USER: ROOT_USER,
        MINIO_ROOT_PASSWORD: ROOT_PASSWORD,
        MINIO_BROWSER: 'off',
        MINIO_IDENTITY_OPENID_CONFIG_URL: this.tokens.discoveryUrl,
        MINIO_IDENTITY_OPENID_CLIENT_ID: 'minio',
        MINIO_IDENTITY_OPENID_CLAIM_NAME: 'policy',
      },
    });
    await this.ready();
    const file = join(this.folder, 'policy.json');
    writeFileSync(file, JSON.stringify(BY_PREFIX));
    for (const args of [
      ['admin', 'policy', 'create', 'store', 'stsonly', file],
      ['mb', '--ignore-existing', '--with-versioning', 'store/projet-census', 'store/of-a-program'],
    ]) {
      const { code, output } = await this.root(...args);
      if (code !== 0) throw new Error(output);
    }
  }

  async stop(): Promise<void> {
    await this.server?.stop();
    this.server = undefined;
  }

  protected get log(): string {
    return this.server?.output ?? '';
  }
}

const ROOT_USER = 'minio-root';
const ROOT_PASSWORD = 'ROOTcanaryROOTcanary';
const SECRETS = {
  'demo-minio/minio-root/rootUser': ROOT_USER,
  'demo-minio/minio-root/rootPassword': ROOT_PASSWORD,
  'demo-minio/minio-identity/clientSecret': 'CLIENTcanaryCLIENTcanary',
};
