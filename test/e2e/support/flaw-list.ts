import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programPath } from '../../../tools/cluster/programs';
import { run } from './commands';

/** A known flaw of a package of Python. */
export interface KnownFlaw {
  readonly id: string;
  readonly cve: string;
  readonly severity: 'critical' | 'high' | 'medium' | 'low';
  readonly package: string;
  /** First version that does not have it. */
  readonly before: string;
  /** Whether that version is out. */
  readonly fixed: boolean;
}

/** A list of known flaws that grype takes from a server of this machine, as it takes its own from the world's. */
export class FlawList {
  /** @param daysAgo age of the list */
  static async serve(flaws: readonly KnownFlaw[], daysAgo = 0): Promise<FlawList> {
    const folder = mkdtempSync(join(tmpdir(), 'bouture-flaws-'));
    const built = new Date(Date.now() - daysAgo * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const file = join(folder, 'list.tar.gz');
    const script = join(__dirname, 'flaw_list.py');
    await run('python3', [script, programPath('grype'), JSON.stringify(flaws), built, file]);
    const archive = readFileSync(file);
    rmSync(folder, { recursive: true });
    const latest = {
      status: 'active',
      schemaVersion: 'v6.1.9',
      built,
      path: 'list.tar.gz',
      checksum: `sha256:${createHash('sha256').update(archive).digest('hex')}`,
    };
    const server = createServer((request, response) => {
      if (request.url === '/v6/latest.json') response.end(JSON.stringify(latest));
      else if (request.url?.startsWith('/v6/list.tar.gz') === true) response.end(archive);
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve, reject) => {
      server.on('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return new FlawList(server, mkdtempSync(join(tmpdir(), 'bouture-grype-')));
  }

  private constructor(
    private readonly server: Server,
    private readonly cache: string,
  ) {}

  /** Variables that make grype take it. */
  get env(): Readonly<Record<string, string>> {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return { GRYPE_DB_UPDATE_URL: `http://127.0.0.1:${address.port}`, GRYPE_DB_CACHE_DIR: this.cache };
  }

  /** Ends it. */
  async dispose(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.cache, { recursive: true, force: true });
  }
}
