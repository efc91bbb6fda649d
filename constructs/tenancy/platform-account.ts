import type { ApiObject } from 'cdk8s';

/** Whom the API server takes a request to come from. */
export class PlatformAccount {
  /**
   * A service account.
   *
   * @param account the ServiceAccount's API object
   * @throws Error when the object names no namespace
   */
  static serviceAccount(account: ApiObject): PlatformAccount {
    const { namespace } = account.metadata;
    if (account.kind !== 'ServiceAccount' || namespace === undefined) {
      throw new Error(
        `"${account.node.path}" is a ${account.kind}${namespace === undefined ? ' without namespace' : ''}: ` +
          'expected a ServiceAccount with metadata.namespace',
      );
    }
    return new PlatformAccount('User', `system:serviceaccount:${namespace}:${account.name}`);
  }

  /** A person or a program with a certificate, by the name that the API server knows. */
  static user(name: string): PlatformAccount {
    return new PlatformAccount('User', named('user', name));
  }

  /** Everyone in a group, by the name that the API server knows. */
  static group(name: string): PlatformAccount {
    return new PlatformAccount('Group', named('group', name));
  }

  private constructor(
    readonly kind: 'User' | 'Group',
    readonly name: string,
  ) {}
}

/** Groups that hold everyone would switch policies off. */
const EVERYONE = ['system:authenticated', 'system:unauthenticated', 'system:serviceaccounts'];

function named(what: string, name: string): string {
  if (name === '' || EVERYONE.includes(name)) {
    throw new Error(
      `${what} "${name}" is no account of the platform: give the one that manages objects in people's spaces`,
    );
  }
  return name;
}
