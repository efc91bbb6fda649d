import * as pulumi from '@pulumi/pulumi';
import { DeployTimeValue, type GeneratedValue, type Synthesis } from '../constructs';
import { deployPlatform } from './bridge';
import { type Cluster, clusterOf } from './clusters';
import { writeKubeconfig } from './clusters/kubeconfig';
import { cloudKubeconfig } from './environment';
import { generate } from './generated-values';
import { Redaction } from './redaction';
import { stackSettings, type StackSettings } from './settings';

/** What a stack tells whoever asks: `pulumi stack output`. No secret is in it. */
export interface StackOutputs {
  /** Name of the platform. */
  readonly platform: string;
  /** Addresses by title. */
  readonly addresses: Readonly<Record<string, string>>;
  /** What was known only at deployment and is no secret, by id: what `cluster.values` of the configuration may state. */
  readonly values?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What kubectl reaches the cluster with, where the stack made it. It holds no secret. */
  readonly kubeconfig?: pulumi.Output<string>;
  /** Host or address of the load balancer that the hosts lead to, where the stack made it. */
  readonly loadBalancer?: pulumi.Output<string>;
}

/**
 * The Pulumi program of a platform: what `pulumi up` runs, and `bouture up` inside its own process.
 *
 * @param synthesize gives the platform's objects, from the configuration file that the stack names, if it names one
 * @param settings of the stack. @default - what its configuration says
 * @param redaction learns the generated values. @default - one of its own
 * @throws RunError when the stack has no seed, or the package of the cloud is missing that its cluster is made in
 */
export async function platformProgram(
  synthesize: (config: string | undefined) => Synthesis | Promise<Synthesis>,
  settings: StackSettings = stackSettings(),
  redaction: Redaction = new Redaction(),
): Promise<StackOutputs> {
  const { config, seed, rotations = {}, timeoutSeconds, values } = settings;
  const synthesis = await synthesize(config);
  const cluster = makeCluster(synthesis, settings, redaction);
  const resources = await deployPlatform({
    synthesis,
    seed,
    redaction,
    cluster: cluster.provider,
    rotations,
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    deployTimeValues: { ...cluster.values, ...values },
  });
  cluster.trustPlatform?.([...resources.values()]);
  return {
    platform: synthesis.platform,
    addresses: Object.fromEntries(synthesis.accesses.map(({ title, url }) => [title, url])),
    ...(synthesis.cloud === undefined ? {} : { values: openValues(synthesis, cluster) }),
    ...(cluster.kubeconfig === undefined ? {} : { kubeconfig: cluster.kubeconfig }),
    ...(cluster.exposure === undefined ? {} : { loadBalancer: cluster.exposure.address }),
  };
}

function makeCluster(
  { cloud, platform }: Synthesis,
  { context, seed, rotations = {}, root = process.cwd() }: StackSettings,
  redaction: Redaction,
): Cluster {
  const generated = (value: GeneratedValue): pulumi.Output<string> =>
    seed.apply((text) => {
      const plain = generate(text, value, rotations[value.id] ?? 0);
      redaction.hide([plain]);
      return plain;
    });
  if (cloud === undefined) {
    return clusterOf({ kind: 'existing', ...(context === undefined ? {} : { context }) }, { generated });
  }
  const cluster = clusterOf({ kind: 'cloud', needs: cloud }, { generated });
  if (cluster.kubeconfig === undefined || pulumi.runtime.isDryRun()) return cluster;
  // kubectl waits for what is deployed, here and in whoever runs this program.
  const file = cloudKubeconfig(root, platform);
  process.env['KUBECONFIG'] = file;
  const kubeconfig = cluster.kubeconfig.apply((text) => {
    writeKubeconfig(file, text);
    return text;
  });
  return { ...cluster, kubeconfig };
}

/** The values that stand in manifests, and so are no secret; those that stand in Secrets alone are left out. */
function openValues({ secrets }: Synthesis, { values }: Cluster): Readonly<Record<string, pulumi.Input<string>>> {
  const hidden = new Set(
    secrets.flatMap(({ data }) =>
      Object.values(data).flatMap((value) => (value instanceof DeployTimeValue ? [value.id] : [])),
    ),
  );
  return Object.fromEntries(Object.entries(values).filter(([id]) => !hidden.has(id)));
}
