import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate with its key, in PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority made for one run of a test. */
export class TestAuthority {
  /** Path of its certificate. */
  readonly file: string;
  /** Its certificate, in PEM. */
  readonly certificate: string;
  private readonly folder = mkdtempSync(join(tmpdir(), 'bouture-ca-'));

  constructor() {
    this.openssl(
      ...['req', '-x509', ...TestAuthority.NEW_KEY, '-days', '2', '-subj', '/CN=authority of the test'],
      ...['-keyout', 'ca.key', '-out', 'ca.crt'],
    );
    this.file = join(this.folder, 'ca.crt');
    this.certificate = readFileSync(this.file, 'utf8');
  }

  private static readonly NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

  /**
   * @param commonName what the certificate shows
   * @param alternativeNames as openssl writes them: `DNS:db.example.org`, `IP:127.0.0.1`
   */
  issue(commonName: string, ...alternativeNames: readonly string[]): IssuedCertificate {
    this.openssl(
      'req',
      ...TestAuthority.NEW_KEY,
      '-subj',
      `/CN=${commonName}`,
      '-keyout',
      'tls.key',
      '-out',
      'tls.csr',
    );
    writeFileSync(join(this.folder, 'names'), `subjectAltName = ${alternativeNames.join(', ')}\n`);
    this.openssl(
      ...['x509', '-req', '-in', 'tls.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1'],
      ...['-extfile', 'names', '-out', 'tls.crt'],
    );
    const read = (file: string) => readFileSync(join(this.folder, file), 'utf8');
    return { certificate: read('tls.crt'), key: read('tls.key') };
  }

  /** Removes its files. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private openssl(...args: readonly string[]): void {
    execFileSync('openssl', [...args], { cwd: this.folder, stdio: ['ignore', 'pipe', 'ignore'] });
  }
}
