import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestAuthority } from './certificate-authority';
import { run } from './commands';

/** A repository that others read over HTTPS on the loopback address, with a token. */
export class GitServer {
  /** @param token password of whoever reads, under any name */
  static async start(authority: TestAuthority, token: string): Promise<GitServer> {
    const folder = mkdtempSync(join(tmpdir(), 'bouture-git-'));
    const { certificate, key } = authority.issue('git', 'IP:127.0.0.1');
    const server = createServer({ cert: certificate, key }, (request, response) => {
      answer(folder, token, request, response);
    });
    await new Promise<void>((resolve, reject) => {
      server.on('error', reject).listen(0, '127.0.0.1', resolve);
    });
    await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', join(folder, 'app.git')]);
    await run('git', ['clone', '--quiet', join(folder, 'app.git'), join(folder, 'work')]);
    return new GitServer(server, folder);
  }

  private constructor(
    private readonly server: Server,
    private readonly folder: string,
  ) {}

  /** Address of the repository. */
  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return `https://127.0.0.1:${address.port}/app.git`;
  }

  /** Writes files, or removes those without a text, and publishes them. @returns the commit */
  async commit(files: Readonly<Record<string, string | undefined>>): Promise<string> {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.folder, 'work', path);
      mkdirSync(dirname(file), { recursive: true });
      if (text === undefined) rmSync(file);
      else writeFileSync(file, text);
    }
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--message', Object.keys(files).join(', '));
    return this.publish();
  }

  /** Takes the last commit back by another. @returns that one */
  async revert(): Promise<string> {
    await this.git('revert', '--no-edit', 'HEAD');
    return this.publish();
  }

  /** Ends it and forgets the repository. */
  async dispose(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async publish(): Promise<string> {
    await this.git('push', '--quiet', 'origin', 'HEAD:main');
    return (await this.git('rev-parse', 'HEAD')).trim();
  }

  private async git(...args: readonly string[]): Promise<string> {
    const person = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
    return (await run('git', [...person, ...args], { cwd: join(this.folder, 'work') })).stdout;
  }
}

/** Git's own program for the web, by the interface that it was made for. */
function answer(folder: string, token: string, request: IncomingMessage, response: ServerResponse): void {
  const [, password] = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64')
    .toString()
    .split(':');
  if (password !== token) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    return;
  }
  const { pathname, search } = new URL(request.url ?? '/', 'https://127.0.0.1');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('close', () => {
    const all = Buffer.concat(chunks);
    const end = all.indexOf('\r\n\r\n');
    for (const line of all.subarray(0, end).toString().split('\r\n')) {
      const [name = '', value = ''] = line.split(/: (.*)/s);
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.end(all.subarray(end + 4));
  });
}
