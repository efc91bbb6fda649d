import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../../tools/quickstart/port-forward';
import { TestAuthority } from './certificate-authority';
import { attempt, type Running, start } from './commands';
import { eventually } from './waiting';

const KEY_NAME = 'datalab';
const POLICY = ['encrypt', 'decrypt']
  .map((what) => `path "transit/${what}/${KEY_NAME}" {\n  capabilities = ["update"]\n}\n`)
  .join('');

/** The Vault of somebody else, which unseals others by a key of its transit engine, as a process of this machine. */
export class TransitProvider {
  /** @param program path of `vault` */
  static async create(program: string): Promise<TransitProvider> {
    const provider = new TransitProvider(program, mkdtempSync('/tmp/bt-'), await freePort(), await freePort());
    await provider.begin();
    return provider;
  }

  readonly authority = new TestAuthority();
  readonly keyName = KEY_NAME;
  private running: Running | undefined;
  private unsealKey = '';
  private root = '';

  private constructor(
    private readonly program: string,
    private readonly folder: string,
    private readonly port: number,
    private readonly clusterPort: number,
  ) {}

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  /** A token that unseals, and that lives on by being renewed. @param period seconds */
  async token(period: number): Promise<string> {
    const args = ['token', 'create', '-orphan', `-period=${period}s`, '-policy=unseal', '-field=token'];
    return (await this.cli(...args)).trim();
  }

  /** Seconds that a token has left; 0 where it is good for nothing. */
  async secondsLeft(token: string): Promise<number> {
    const { code, stdout } = await this.attempt(['token', 'lookup', '-format=json', token]);
    return code === 0 ? (JSON.parse(stdout) as { data: { ttl: number } }).data.ttl : 0;
  }

  /** Makes a token worthless. */
  async revoke(token: string): Promise<void> {
    await this.cli('token', 'revoke', token);
  }

  /** Starts it, or starts it anew with all that it knew, and unseals it. */
  async start(): Promise<void> {
    this.running = start(this.program, ['server', `-config=${join(this.folder, 'vault.json')}`], {
      env: { HOME: this.folder },
      timeoutSeconds: 3600,
    });
    await eventually('the other Vault', async () => [0, 2].includes(Number((await this.attempt(['status'])).code)));
    if (this.unsealKey !== '') await this.unseal();
  }

  private async unseal(): Promise<void> {
    await this.cli('operator', 'unseal', this.unsealKey);
    await eventually(
      'the other Vault to lead itself',
      async () => (await this.attempt(['token', 'lookup'])).code === 0,
    );
  }

  /** Ends it; its data stay. */
  async stop(): Promise<void> {
    await this.running?.stop();
    this.running = undefined;
  }

  /** Ends it and forgets everything. */
  async dispose(): Promise<void> {
    await this.stop();
    this.authority.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async begin(): Promise<void> {
    chmodSync(this.folder, 0o755);
    mkdirSync(join(this.folder, 'data'));
    const { certificate, key } = this.authority.issue('another', 'IP:127.0.0.1');
    const write = (name: string, text: string) => {
      writeFileSync(join(this.folder, name), text);
      return join(this.folder, name);
    };
    const tls = { tls_cert_file: write('tls.crt', certificate), tls_key_file: write('tls.key', key) };
    const tcp = { address: `127.0.0.1:${this.port}`, cluster_address: `127.0.0.1:${this.clusterPort}`, ...tls };
    const storage = { raft: { path: join(this.folder, 'data'), node_id: 'other' } };
    const addresses = { api_addr: this.url, cluster_addr: `https://127.0.0.1:${this.clusterPort}` };
    write('vault.json', JSON.stringify({ disable_mlock: true, ...addresses, storage, listener: [{ tcp }] }));
    await this.start();
    const made = JSON.parse(
      await this.cli('operator', 'init', '-format=json', '-key-shares=1', '-key-threshold=1'),
    ) as { unseal_keys_hex: [string]; root_token: string };
    this.unsealKey = made.unseal_keys_hex[0];
    this.root = made.root_token;
    await this.unseal();
    await this.cli('secrets', 'enable', 'transit');
    await this.cli('write', '-force', `transit/keys/${KEY_NAME}`);
    await this.cli('policy', 'write', 'unseal', write('unseal.hcl', POLICY));
  }

  private async cli(...args: readonly string[]): Promise<string> {
    const { code, stdout, output } = await this.attempt(args);
    if (code !== 0) throw new Error(`the other Vault, ${args.slice(0, 2).join(' ')}: ${output}`);
    return stdout;
  }

  private attempt(args: readonly string[]) {
    return attempt(this.program, args, {
      env: { VAULT_ADDR: this.url, VAULT_CACERT: this.authority.file, VAULT_TOKEN: this.root, HOME: this.folder },
    });
  }
}
