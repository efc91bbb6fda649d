import { type k8s, envFromSecret, PlatformSecret, type Platform, type SecretRef } from '../platform';

/** A secret value that stands within a document of the API. */
export interface SecretValue {
  /** Name of the environment variable that has it. */
  readonly variable: string;
  readonly ref: SecretRef;
}

/**
 * The secrets of the API's documents. A document stands in a ConfigMap and names each secret as `${VARIABLE}`; Spring Boot fills
 * placeholders when it binds a setting, from environment variables that the kubelet reads from Secrets.
 */
export class SecretValues {
  private readonly values = new Map<string, SecretRef>();

  constructor(
    private readonly platform: Platform,
    private readonly namespace: string,
  ) {}

  /** What stands for a secret in a document. @throws Error when the Secret stands in another namespace than the API */
  placeholder({ variable, ref }: SecretValue): string {
    this.add(variable, ref);
    return `\${${variable}}`;
  }

  /** Gives a setting of the API its value. @throws Error when the Secret stands in another namespace than the API */
  add(variable: string, ref: SecretRef): void {
    if (ref.namespace !== this.namespace) {
      throw new Error(
        `Secret "${ref.name}" stands in namespace "${ref.namespace}": Onyxia's API reads Secrets of "${this.namespace}" alone; make it there`,
      );
    }
    const isOurs = this.platform.node
      .findAll()
      .some(
        (made) =>
          PlatformSecret.isPlatformSecret(made) && made.name === ref.name && made.namespace.name === ref.namespace,
      );
    if (!isOurs) this.platform.expectSecret({ ...ref, keys: [ref.key], purpose: `${variable} of Onyxia's API` });
    this.values.set(variable, ref);
  }

  /** The environment variables that have them. */
  get env(): readonly k8s.EnvVar[] {
    return [...this.values].map(([variable, ref]) => envFromSecret(variable, ref));
  }
}

/** Bytes that Linux lets one environment variable have, with its name. */
const VARIABLE_MAX = 131_072;

/**
 * A document as the API's setting has it: JSON on one line.
 *
 * @throws Error when a text of it would be taken for a placeholder, or when it is longer than an environment variable may be
 */
export function settingText(setting: string, document: unknown, secrets: SecretValues): string {
  const text = JSON.stringify(document);
  const known = new Set(secrets.env.map(({ name }) => `\${${name}}`));
  const foreign = [...text.matchAll(/\$\{[^}]*\}?/g)].map(([found]) => found).find((found) => !known.has(found));
  if (foreign !== undefined) {
    throw new Error(
      `${setting} holds "${foreign}", which the API would replace by one of its own settings: write it otherwise`,
    );
  }
  const bytes = Buffer.byteLength(text, 'utf8') + setting.length + 2;
  if (bytes > VARIABLE_MAX) {
    throw new Error(
      `${setting} has ${bytes} bytes: an environment variable of Linux has at most ${VARIABLE_MAX}; give fewer certificates in trust`,
    );
  }
  return text;
}
