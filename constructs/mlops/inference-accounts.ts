import { Construct } from 'constructs';
import { compare, dnsLabel, GeneratedValue, PlatformSecret, type PlatformNamespace } from '../platform';
import type { InferenceUser } from './inference-settings';

export interface InferenceAccountsProps {
  readonly namespace: PlatformNamespace;
  /** Name of the component: first part of the names of Secrets and of generated values. */
  readonly name: string;
  /** Names of people and programs outside the platform. */
  readonly users: readonly string[];
}

/** The users of one inference service: for each a Secret beside the service, and one beside the program that calls, where it is the platform's. */
export class InferenceAccounts extends Construct {
  private readonly users = new Map<string, InferenceUser & { readonly value: GeneratedValue }>();
  /** Namespace of each program that was given an account. */
  private readonly programs = new Map<string, string>();

  /** @throws Error when a user is named twice, or none is */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: InferenceAccountsProps,
  ) {
    super(scope, id);
    const [first] = props.users;
    if (first === undefined) throw new Error(`service "${props.name}" has basic authentication and no user: name one`);
    for (const user of props.users) {
      if (this.users.has(user))
        throw new Error(`user "${user}" of service "${props.name}" is named twice: leave one out`);
      this.add(user);
    }
  }

  /** The users, by name. */
  get all(): readonly InferenceUser[] {
    return [...this.users].sort(([a], [b]) => compare(a, b)).map(([, user]) => user);
  }

  /** The first of the users that are no program of the platform. */
  get first(): InferenceUser & { readonly name: string } {
    const [name = ''] = this.props.users;
    return { name, ...this.user(name) };
  }

  /**
   * An account for a program of the platform, in its own namespace.
   *
   * @throws Error when the name is that of a user, or of a program in another namespace
   */
  forProgram(consumerName: string, namespace: PlatformNamespace): InferenceUser {
    const home = this.programs.get(consumerName);
    if ((home !== undefined && home !== namespace.name) || (home === undefined && this.users.has(consumerName))) {
      throw new Error(
        `caller "${consumerName}" of namespace "${namespace.name}" has the name of ${home === undefined ? 'a user' : `a caller of namespace "${home}"`} ` +
          `of service "${this.props.name}": give it another consumerName`,
      );
    }
    if (home === undefined) this.add(consumerName);
    const id = `program-${consumerName}`;
    const known = this.node.tryFindChild(id);
    if (known instanceof PlatformSecret) return { username: known.ref('username'), password: known.ref('password') };
    this.programs.set(consumerName, namespace.name);
    const secret = new PlatformSecret(this, id, {
      namespace,
      name: `${consumerName}-${this.props.name}`,
      data: { username: consumerName, password: this.user(consumerName).value },
    });
    return { username: secret.ref('username'), password: secret.ref('password') };
  }

  private user(name: string): InferenceUser & { readonly value: GeneratedValue } {
    const user = this.users.get(name);
    if (user === undefined) throw new Error(`service "${this.props.name}" has no user "${name}"`);
    return user;
  }

  private add(name: string): void {
    dnsLabel(`user of service "${this.props.name}"`, name);
    const value = new GeneratedValue(dnsLabel('generated value', `${this.props.name}-user-${name}`));
    const secret = new PlatformSecret(this, `user-${name}`, {
      namespace: this.props.namespace,
      name: `${this.props.name}-user-${name}`,
      data: { username: name, password: value },
    });
    this.users.set(name, { username: secret.ref('username'), password: secret.ref('password'), value });
  }
}
