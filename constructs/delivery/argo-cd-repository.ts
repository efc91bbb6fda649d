import type { HttpService, SecretRef, ServerPlace } from '../platform';

/** A token for a repository over HTTPS. */
export interface RepositoryToken {
  readonly token: SecretRef;
  /** Name that goes with it. @default 'token': hosts of Git do not ask */
  readonly username?: string;
}

/** A key for a repository over SSH, which its host lets read alone. */
export interface RepositoryKey {
  /** In OpenSSH's form or PEM, without passphrase. */
  readonly privateKey: SecretRef;
}

export interface ArgoCdRepositoryProps extends ServerPlace {
  /** `https://git.example.org/office/configuration.git`, or `ssh://git@git.example.org/office/configuration.git`. */
  readonly url: string;
  /** In Secrets of Argo CD's own namespace. @default - anybody may read the repository */
  readonly credentials?: RepositoryToken | RepositoryKey;
  /** The keys of the SSH server, a line each as `ssh-keyscan` prints them: no other is trusted. @default - none; needed for `ssh://` */
  readonly knownHosts?: string;
  /** The host is a Service of this platform. @default - it is where `pods` or `hosts` say */
  readonly service?: HttpService;
  /** Why an address with `http://` is right. @default - production refuses one */
  readonly plainTextBecause?: string;
}

/** A repository that Argo CD may follow. */
export interface ArgoCdRepository {
  /** A DNS label. */
  readonly name: string;
  readonly url: string;
  /** Port of the host. */
  readonly port: number;
  /** What is read with, and the key of Argo CD's Secret that it goes to. @default - nothing */
  readonly credential?: {
    readonly ref: SecretRef;
    readonly key: 'password' | 'sshPrivateKey';
    readonly username?: string;
  };
  /** Keys of the SSH server. */
  readonly knownHosts: readonly string[];
}

const PORTS: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80, 'ssh:': 22 };

/** A line of a file of known hosts: names, kind of key, key. */
const KNOWN_HOST = /^(\S+) (ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/]+=*( .*)?$/;

/**
 * Reads what was given of a repository.
 *
 * @throws Error when the address is none of a repository, or holds credentials or a star; when it is plain text in production without a
 * reason; when the credentials are not those of its scheme; when an SSH server has no pinned keys, or keys of others
 */
export function repositoryOf(name: string, props: ArgoCdRepositoryProps, isProduction: boolean): ArgoCdRepository {
  const { url: text, credentials, plainTextBecause = '' } = props;
  const fail = (problem: string): never => {
    throw new Error(`repository "${name}": ${problem}`);
  };
  const shown = text.replace(/\/\/[^/]*:[^/]*@/, '//***@');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const defaultPort = url === undefined ? undefined : PORTS[url.protocol];
  if (
    url === undefined ||
    defaultPort === undefined ||
    url.pathname.length < 2 ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    return fail(
      `"${shown}" is not an address of Git: expected "https://git.example.org/office/configuration.git" or ` +
        '"ssh://git@git.example.org/office/configuration.git"',
    );
  }
  const isSsh = url.protocol === 'ssh:';
  if (url.password !== '' || (!isSsh && url.username !== '')) {
    return fail(`"${shown}" holds credentials: give them by reference, as credentials`);
  }
  if (text.includes('*')) return fail(`"${shown}" holds a star: name one repository`);
  if (url.protocol === 'http:' && isProduction && plainTextBecause.trim() === '') {
    return fail(`"${shown}" is plain text in production: use https, or say in plainTextBecause why it is right`);
  }
  if (credentials !== undefined && 'privateKey' in credentials !== isSsh) {
    return fail(isSsh ? 'credentials of ssh:// are a privateKey' : `credentials of ${url.protocol}// are a token`);
  }
  if (!isSsh && props.knownHosts !== undefined) return fail(`knownHosts are for ssh://, and "${shown}" is not`);
  const port = url.port === '' ? defaultPort : Number(url.port);
  const host = port === 22 ? url.hostname : `[${url.hostname}]:${port}`;
  const credential = credentialOf(credentials);
  return {
    name,
    url: text,
    port,
    ...(credential === undefined ? {} : { credential }),
    knownHosts: isSsh ? pinned(host, props.knownHosts ?? '', fail) : [],
  };
}

function credentialOf(credentials: ArgoCdRepositoryProps['credentials']): ArgoCdRepository['credential'] {
  if (credentials === undefined) return undefined;
  return 'token' in credentials
    ? { ref: credentials.token, key: 'password', username: credentials.username ?? 'token' }
    : { ref: credentials.privateKey, key: 'sshPrivateKey' };
}

function pinned(host: string, knownHosts: string, fail: (problem: string) => never): readonly string[] {
  const lines = knownHosts
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length === 0) {
    return fail(
      `knownHosts is empty: pin the keys of ${host}, as "ssh-keyscan" prints them and its keeper confirms them`,
    );
  }
  for (const line of lines) {
    const names = KNOWN_HOST.exec(line)?.[1]?.split(',');
    if (names?.includes(host) !== true) {
      return fail(
        `knownHosts has the line "${line.slice(0, 60)}": expected "${host} ssh-ed25519 AAAA...", without hashed names`,
      );
    }
  }
  return lines;
}
