import { Construct } from 'constructs';
import type { DeployTimeValue } from './deploy-time';
import { GeneratedValue } from './generated-value';
import { dnsLabel } from './names';
import type { PlatformNamespace } from './namespace';
import { Platform } from './platform';
import type { SecretRef } from './secret-ref';

export type { ExpectedSecret } from './expected-secret';
export { GeneratedValue };

/** Seconds since 1970 of the year 2100, when a signed token ends: what ends it before is a rotation of its key. */
const TOKEN_EXPIRES = 4_102_444_800;

/**
 * A JSON web token (RFC 7519) that whoever deploys signs with a generated value, by HMAC with SHA-512: for servers that know the value and
 * want a token of its holder. It changes when the value is rotated, and ends with the year 2099.
 */
export class SignedToken {
  readonly claims: Readonly<Record<string, string | number>>;

  /**
   * @param key what it is signed with
   * @param claims what it says, beside the end of its life
   */
  constructor(
    readonly key: GeneratedValue,
    claims: Readonly<Record<string, string>>,
  ) {
    this.claims = { exp: TOKEN_EXPIRES, ...claims };
  }

  /** What a store of secrets keeps it under: one for each key, `minio-user-metrics.token`. */
  get id(): string {
    return `${this.key.id}.token`;
  }
}

/** What may stand under a key of a Secret: a generated value, a token that one signs, a value that a cloud makes, or a text that is no secret, such as a user's name. */
export type SecretValue = GeneratedValue | SignedToken | DeployTimeValue | string;

/** The generated value that is meant, or that signs the token. */
export function generatedBehind(value: GeneratedValue | SignedToken): GeneratedValue;
/** The generated value behind what stands under a key. @default - undefined for a text, and for what a cloud makes */
export function generatedBehind(value: SecretValue): GeneratedValue | undefined;
/** The generated value that stands under a key, or signs what stands there. @default - undefined, where nothing is generated */
export function generatedBehind(value: SecretValue): GeneratedValue | undefined {
  if (value instanceof SignedToken) return value.key;
  return value instanceof GeneratedValue ? value : undefined;
}

export interface PlatformSecretProps {
  readonly namespace: PlatformNamespace;
  /** Name of the Secret. */
  readonly name: string;
  /** What stands under each key. */
  readonly data: Readonly<Record<string, SecretValue>>;
  /** @default - the platform's labels alone */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default - none */
  readonly annotations?: Readonly<Record<string, string>>;
}

const SECRET = Symbol.for('bouture.PlatformSecret');

/**
 * A Secret that the deployment makes and that no manifest holds. The same GeneratedValue in two PlatformSecrets is the same
 * value: that is how two namespaces share a password.
 */
export class PlatformSecret extends Construct {
  /** True for instances of this class, also across copies of the library. */
  static isPlatformSecret(x: unknown): x is PlatformSecret {
    return typeof x === 'object' && x !== null && SECRET in x;
  }

  readonly namespace: PlatformNamespace;
  readonly name: string;
  readonly data: Readonly<Record<string, SecretValue>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: PlatformSecretProps) {
    super(scope, id);
    Object.defineProperty(this, SECRET, { value: true });
    this.namespace = props.namespace;
    this.name = dnsLabel('secret', props.name);
    this.data = props.data;
    this.labels = {
      'app.kubernetes.io/part-of': Platform.of(this).name,
      'app.kubernetes.io/managed-by': 'bouture',
      ...props.labels,
    };
    this.annotations = props.annotations ?? {};
  }

  /** The reference of one key. @throws Error when the Secret has no such key */
  ref(key: string): SecretRef {
    if (!(key in this.data))
      throw new Error(`secret "${this.name}" has no key "${key}": it has ${Object.keys(this.data).sort().join(', ')}`);
    return { namespace: this.namespace.name, name: this.name, key };
  }
}
