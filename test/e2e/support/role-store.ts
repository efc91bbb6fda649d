import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programPath } from '../../../tools/cluster/programs';
import { freePort } from '../../../tools/quickstart/port-forward';
import { type Running, start } from './commands';
import { type Credentials, PeopleStore } from './people-store';
import type { TokenIssuer } from './token-issuer';

const ROOT_USER = 'minio-root';
const ROOT_PASSWORD = 'ROOTcanaryROOTcanary';

/** What a store exchanges tokens for. */
export interface StoreRole {
  /** Name of its policy. */
  readonly name: string;
  readonly policy: object;
  /** Variables of the server that make it. */
  readonly env: Readonly<Record<string, string>>;
}

/** A MinIO that somebody else runs: its roles are set up by hand, from what the platform tells. */
export class RoleStore extends PeopleStore {
  static async create(tokens: TokenIssuer): Promise<RoleStore> {
    const folder = mkdtempSync('/tmp/bo-');
    mkdirSync(join(folder, 'data'));
    return new RoleStore(folder, `http://127.0.0.1:${await freePort()}`, tokens);
  }

  private server: Running | undefined;
  private env: Readonly<Record<string, string>> = {};

  permissionClaims(): Readonly<Record<string, unknown>> {
    return {};
  }

  async serve(): Promise<void> {
    const args = ['server', join(this.folder, 'data'), '--address', new URL(this.url).host];
    this.server = start(programPath('minio'), args, {
      env: {
        HOME: this.folder,
        MINIO_ROOT_USER: ROOT_USER,
        MINIO_ROOT_PASSWORD: ROOT_PASSWORD,
        MINIO_BROWSER: 'off',
        ...this.env,
      },
    });
    await this.ready();
  }

  async stop(): Promise<void> {
    await this.server?.stop();
    this.server = undefined;
  }

  get log(): string {
    return this.server?.output ?? '';
  }

  /** Sets roles up: policies first, for the server looks for them when it starts. @param buckets to make */
  async setUp(roles: readonly StoreRole[], buckets: readonly string[]): Promise<void> {
    await this.serve();
    for (const { name, policy } of roles) {
      const file = join(this.folder, `${name}.json`);
      writeFileSync(file, JSON.stringify(policy));
      await this.must('admin', 'policy', 'create', 'store', name, file);
    }
    await this.must('mb', ...buckets.map((bucket) => `store/${bucket}`));
    await this.stop();
    this.env = Object.assign({}, ...roles.map(({ env }) => env)) as Record<string, string>;
    await this.serve();
  }

  /** Asks for credentials of a role, as Onyxia's page does. @returns what the store refuses with, or the credentials */
  async assumeRole(
    token: string,
    { roleARN, roleSessionName }: { readonly roleARN: string; readonly roleSessionName: string },
    durationSeconds: number,
  ): Promise<Credentials | string> {
    const form = new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      WebIdentityToken: token,
      RoleArn: roleARN,
      RoleSessionName: roleSessionName,
      DurationSeconds: String(durationSeconds),
    });
    const text = await (await fetch(this.url, { method: 'POST', body: form })).text();
    const field = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
    const [accessKeyId, secretAccessKey, sessionToken] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map(field);
    if (accessKeyId === undefined || secretAccessKey === undefined || sessionToken === undefined) {
      return `${field('Code') ?? 'no code'}: ${field('Message') ?? text}`;
    }
    return { accessKeyId, secretAccessKey, sessionToken };
  }

  private async must(...args: readonly string[]): Promise<void> {
    const { code, output } = await this.root(...args);
    if (code !== 0) throw new Error(`mc ${args.join(' ')}: ${output}`);
  }
}
