import { compare, DNS_LABEL_MAX, dnsLabel } from './names';

export interface SpaceNamesProps {
  /** What the name of each user's space begins with. @default 'user-' */
  readonly userPrefix?: string;
  /** What the name of each project's space begins with. @default 'projet-', Onyxia's own */
  readonly projectPrefix?: string;
  /** Beginnings that belong to others, such as the platform's own namespaces. @default - those of Kubernetes alone */
  readonly reserved?: readonly string[];
}

/** Users and projects that must not exist whatever the prefixes: who reads a log or a list would take them for somebody else. */
const RESERVED_NAMES = ['kube', 'default', 'admin', 'root', 'system', 'onyxia', 'vault', 'keycloak', 'minio'];

/**
 * How the spaces of people are named: the one place where a user's or a project's namespace, bucket and directory of secrets get
 * their common name from. A name that one system would read otherwise than another is refused.
 *
 * @throws Error when a prefix is empty, is no beginning of a DNS label, equals the other or begins it, or begins what is reserved
 *
 * @example
 * import { SpaceNames } from 'bouture';
 * const names = new SpaceNames({ projectPrefix: 'project-' });
 * names.user('alice'); // user-alice
 * names.project('census'); // project-census
 */
export class SpaceNames {
  readonly userPrefix: string;
  readonly projectPrefix: string;

  constructor({ userPrefix = 'user-', projectPrefix = 'projet-', reserved = [] }: SpaceNamesProps = {}) {
    this.userPrefix = prefix('user', userPrefix);
    this.projectPrefix = prefix('project', projectPrefix);
    const taken: [string, string][] = [
      ['the prefix of projects', projectPrefix],
      ...['kube-', ...reserved].sort(compare).map((name): [string, string] => ['a namespace of others', name]),
    ];
    for (const [what, other] of taken) refuseOverlap('user', userPrefix, what, other);
    for (const [what, other] of taken.slice(1)) refuseOverlap('project', projectPrefix, what, other);
  }

  /** The longest name of a user. */
  get usernameMax(): number {
    return DNS_LABEL_MAX - this.userPrefix.length;
  }

  /**
   * What every user's name matches, as a regular expression that JavaScript, Java and Go's callers read alike: parts of a-z and 0-9
   * with single dashes between them, none of the reserved names, and none that begins with one of those and a dash.
   */
  get usernamePattern(): string {
    return `^(?!(?:${RESERVED_NAMES.join('|')})(?:-|$))[a-z0-9]+(?:-[a-z0-9]+)*$`;
  }

  /** Names that nobody may have, nor one that begins with one of them and a dash: for whoever checks without the pattern's look-ahead. */
  get reservedNames(): readonly string[] {
    return RESERVED_NAMES;
  }

  /** Name of a user's namespace, bucket and directory. @throws Error when the name is none that a user may have */
  user(username: string): string {
    return this.named('user', this.userPrefix, username);
  }

  /** Name of a project's namespace, bucket and directory. @throws Error when the name is none that a project may have */
  project(name: string): string {
    return this.named('project', this.projectPrefix, name);
  }

  private named(what: string, begin: string, name: string): string {
    if (!new RegExp(this.usernamePattern).test(name)) {
      throw new Error(
        `${what} "${name}": expected parts of a-z and 0-9 with single dashes between them, and none of ${RESERVED_NAMES.join(', ')} as ` +
          'the first part',
      );
    }
    return dnsLabel(what, `${begin}${name}`);
  }
}

function prefix(what: string, text: string): string {
  if (!/^[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?-$/.test(text)) {
    throw new Error(
      `prefix of ${what}s "${text}": expected 2 to 21 characters of a-z, 0-9 and dashes that end with a dash, such as "${what}-"`,
    );
  }
  return text;
}

function refuseOverlap(what: string, own: string, whose: string, other: string): void {
  if (own.startsWith(other) || other.startsWith(own)) {
    throw new Error(
      `prefix of ${what}s "${own}" and "${other}", ${whose}: neither may begin the other, or one would own the other's spaces`,
    );
  }
}
