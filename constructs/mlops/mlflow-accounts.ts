import { Construct } from 'constructs';
import {
  compare,
  contentHash,
  dnsLabel,
  DNS_LABEL_MAX,
  GeneratedValue,
  PlatformSecret,
  type PlatformNamespace,
  type SecretRef,
} from '../platform';
import type { ModelRegistryConsumer, ModelRegistryCredentials } from './model-registry';

/** The user that administers MLflow: the only one that may make others. */
export const ADMINISTRATOR = 'admin';

/** Beginnings of the users that the platform makes; a user with one of them that the platform no longer knows is locked out. */
export const MANAGED_PREFIXES: readonly string[] = ['service.', 'namespace.'];

export interface MlflowAccountsProps {
  readonly namespace: PlatformNamespace;
  /** Name of the MLflow component: first part of the Secret's name and of the generated values' ids. */
  readonly name: string;
}

/** The users of one MLflow server that the platform makes: one Secret that holds a password under each user's name. */
export class MlflowAccounts extends Construct {
  /** Name of the Secret, which the server's Pods mount. */
  readonly secretName: string;
  /** The administrator's password. */
  readonly administrator: SecretRef;
  private readonly passwords: Record<string, GeneratedValue> = {};
  /** Where each account was given first. */
  private readonly namespaces = new Map<string, string>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: MlflowAccountsProps,
  ) {
    super(scope, id);
    this.secretName = `${props.name}-accounts`;
    this.add('', ADMINISTRATOR);
    // The Secret reads this record at synthesis: accounts that are added later stand in it, too.
    const secret = new PlatformSecret(this, 'secret', {
      namespace: props.namespace,
      name: this.secretName,
      data: this.passwords,
    });
    this.administrator = secret.ref(ADMINISTRATOR);
  }

  /** The users, sorted. */
  get usernames(): readonly string[] {
    return Object.keys(this.passwords).sort(compare);
  }

  /**
   * An account for Pods of the platform, and a Secret with its credentials in their namespace.
   *
   * @throws Error when two namespaces would share an account without naming it
   */
  credentialsFor({ consumerName, account, connections }: ModelRegistryConsumer): ModelRegistryCredentials {
    const { namespace } = connections;
    const name = dnsLabel('account', account ?? consumerName);
    const other = this.namespaces.get(name);
    if (account === undefined && other !== undefined && other !== namespace.name) {
      throw new Error(
        `consumer "${consumerName}" of namespace "${namespace.name}" would share its account with namespace "${other}": ` +
          `give it another consumerName, or name the account that both share`,
      );
    }
    this.namespaces.set(name, namespace.name);
    const secret = new PlatformSecret(this, `${namespace.name}-${consumerName}`, {
      namespace,
      name: `${consumerName}-registry`,
      data: this.add('service', name),
    });
    return { username: secret.ref('username'), password: secret.ref('password') };
  }

  /** An account for the services that users start in a namespace. */
  forNamespace(namespace: string): { username: string; password: GeneratedValue } {
    return this.add('namespace', namespace);
  }

  private add(kind: 'service' | 'namespace' | '', name: string): { username: string; password: GeneratedValue } {
    const parts = kind === '' ? [name] : [kind, name];
    const username = parts.join('.');
    const password = (this.passwords[username] ??= new GeneratedValue(
      shortened([this.props.name, ...parts].join('-')),
    ));
    return { username, password };
  }
}

/** A DNS label that is different for different names, however long they are. */
function shortened(name: string): string {
  if (name.length <= DNS_LABEL_MAX) return name;
  const hash = contentHash(name);
  return `${name.slice(0, DNS_LABEL_MAX - hash.length - 1).replace(/-+$/, '')}-${hash}`;
}
