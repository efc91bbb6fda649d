import * as pulumi from '@pulumi/pulumi';
import type { Rotations } from './generated-values';
import { programError } from './program-error';

/** The stack configuration of a platform, `pulumi config set bouture:KEY`. */
export interface StackSettings {
  /** Path of the platform's configuration file. @default - blueprints/minimal/config.yaml */
  readonly config?: string;
  /** Context of the kubeconfig. @default - its current context */
  readonly context?: string;
  /** What generated secrets are derived from: 32 random bytes in base64, secret. */
  readonly seed: pulumi.Output<string>;
  /** How often each generated secret has been rotated. @default - never */
  readonly rotations?: Rotations;
  /** Seconds that an object may take to become ready. @default 300 */
  readonly timeoutSeconds?: number;
  /** Folder of the project. @default - the working folder */
  readonly root?: string;
  /** Deploy-time values by id. @default - none */
  readonly values?: Readonly<Record<string, string>>;
}

/** What makes a seed for the current stack; the value comes from standard input, so that no process list shows it. */
export const SEED_COMMAND = 'openssl rand -base64 32 | pulumi config set --secret bouture:seed';

/**
 * The settings of the current stack.
 *
 * @throws RunError when there is no seed, with the command that makes one
 */
export function stackSettings(): StackSettings {
  const settings = new pulumi.Config('bouture');
  const seed = settings.getSecret('seed');
  if (seed === undefined) {
    throw programError(
      `this stack has no seed to derive generated secrets from. \`npx bouture up\` makes one; or make it once with:\n  ${SEED_COMMAND}\n` +
        'If the stack has been deployed before, bring back its configuration file instead: another seed means other passwords.',
    );
  }
  return defined({
    seed,
    config: settings.get('config'),
    context: settings.get('context'),
    rotations: settings.getObject<Rotations>('rotations'),
    timeoutSeconds: settings.getNumber('timeoutSeconds'),
    values: settings.getObject<Record<string, string>>('values'),
  });
}

/** Leaves out what is undefined, as exact optional properties want it. */
function defined<T extends Readonly<Record<string, unknown>>>(
  value: T,
): { [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key] } & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
} {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as never;
}
