import type { Synthesis } from '../constructs';
import { deployPlatform } from './bridge';
import { clusterProvider } from './clusters';
import { Redaction } from './redaction';
import { stackSettings, type StackSettings } from './settings';

/** What a stack tells whoever asks: `pulumi stack output`. No secret is in it. */
export interface StackOutputs {
  /** Name of the platform. */
  readonly platform: string;
  /** Addresses by title. */
  readonly addresses: Readonly<Record<string, string>>;
}

/**
 * The Pulumi program of a platform: what `pulumi up` runs, and `bouture up` inside its own process.
 *
 * @param synthesize gives the platform's objects, from the configuration file that the stack names, if it names one
 * @param settings of the stack. @default - what its configuration says
 * @param redaction learns the generated values. @default - one of its own
 * @throws RunError when the stack has no seed
 */
export async function platformProgram(
  synthesize: (config: string | undefined) => Synthesis | Promise<Synthesis>,
  settings: StackSettings = stackSettings(),
  redaction: Redaction = new Redaction(),
): Promise<StackOutputs> {
  const { config, context, seed, rotations, timeoutSeconds, values } = settings;
  const synthesis = await synthesize(config);
  await deployPlatform({
    synthesis,
    seed,
    redaction,
    cluster: clusterProvider({ kind: 'existing', ...(context === undefined ? {} : { context }) }),
    ...(rotations === undefined ? {} : { rotations }),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    ...(values === undefined ? {} : { deployTimeValues: values }),
  });
  return {
    platform: synthesis.platform,
    addresses: Object.fromEntries(synthesis.accesses.map(({ title, url }) => [title, url])),
  };
}
