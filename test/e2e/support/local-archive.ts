import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../../tools/quickstart/port-forward';
import type { TestAuthority } from './certificate-authority';
import { run, type Running, start } from './commands';
import { preparePostgres } from './local-postgres';
import { eventually } from './waiting';

/** A PostgreSQL that speaks TLS alone, with one empty database and the role that owns it, on the loopback address. */
export class LocalArchive {
  /** Starts it, and waits until it answers. @param name of database and role */
  static async start(name: string, authority: TestAuthority): Promise<LocalArchive> {
    const { uid, gid } = await preparePostgres();
    const archive = new LocalArchive(name, mkdtempSync('/tmp/ba-'), await freePort());
    await archive.begin(authority, `${uid}:${gid}`);
    return archive;
  }

  readonly password = 'a-password-of-the-test';
  private server: Running | undefined;

  private constructor(
    readonly name: string,
    private readonly folder: string,
    readonly port: number,
  ) {}

  /** What a query of the owner gives, a row a line. */
  async query(sql: string): Promise<string> {
    const options = [
      '--host=127.0.0.1',
      `--port=${this.port}`,
      `--username=${this.name}`,
      '--tuples-only',
      '--no-align',
    ];
    const env = { PGPASSWORD: this.password, PGSSLMODE: 'require' };
    return (await run('psql', [...options, '--command', sql, this.name], { env })).stdout.trim();
  }

  async stop(): Promise<void> {
    await this.server?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async begin(authority: TestAuthority, owner: string): Promise<void> {
    const { certificate, key } = authority.issue('archive', 'IP:127.0.0.1');
    const data = join(this.folder, 'data');
    for (const [file, text] of Object.entries({ 'tls.crt': certificate, 'tls.key': key, password: this.password })) {
      writeFileSync(join(this.folder, file), text, { mode: 0o600 });
    }
    writeFileSync(
      join(this.folder, 'pg_hba.conf'),
      'hostssl all all 127.0.0.1/32 scram-sha-256\nlocal all all reject\n',
    );
    chmodSync(this.folder, 0o755);
    execFileSync('chown', ['-R', owner, this.folder]);
    const as = ['--user', 'postgres', '--'];
    const login = ['--auth=scram-sha-256', `--username=${this.name}`, `--pwfile=${join(this.folder, 'password')}`];
    await run('runuser', [...as, 'initdb', ...login, '--encoding=UTF8', '--no-sync', `--pgdata=${data}`]);
    this.server = start(
      'runuser',
      [
        ...[...as, 'postgres', '-D', data, '-c', `port=${this.port}`, '-c', 'listen_addresses=127.0.0.1'],
        ...['-c', 'unix_socket_directories=', '-c', 'fsync=off', '-c', 'ssl=on'],
        ...['-c', `ssl_cert_file=${this.folder}/tls.crt`, '-c', `ssl_key_file=${this.folder}/tls.key`],
        ...['-c', `hba_file=${this.folder}/pg_hba.conf`],
      ],
      { timeoutSeconds: 3600 },
    );
    await eventually('the database', async () => {
      const env = { PGPASSWORD: this.password, PGSSLMODE: 'require' };
      const options = ['--host=127.0.0.1', `--port=${this.port}`, `--username=${this.name}`];
      await run('psql', [...options, '--command', `CREATE DATABASE ${this.name}`, 'postgres'], { env });
      return true;
    });
  }
}
