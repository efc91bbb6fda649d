import { packageFile } from '../../blueprints/package-root';
import { preparePulumi, pulumiEnvironment } from '../../stacks/environment';
import * as cluster from '../../tools/cluster';
import { imagesOf } from '../images';
import { withProblemsTold } from '../problems';

type Options = Readonly<Record<string, unknown>>;

/** What the cluster gets images for when nobody says. */
const DEFAULT_CONFIG = packageFile('blueprints', 'minimal', 'config.yaml');

/**
 * `bouture cluster up [CONFIG...] [--nodes 1|2]`: also builds, and pushes to its registry, the images that the configurations use.
 *
 * @returns 0 when done, 2 when a configuration cannot be used
 */
export function up(args: readonly string[], options: Options = {}): Promise<number> {
  return withProblemsTold(async () => {
    const images = (args.length === 0 ? [DEFAULT_CONFIG] : args).flatMap((config) =>
      imagesOf(config).flatMap(({ key }) => key ?? []),
    );
    const { nodes } = options;
    await cluster.up({ images, ...(nodes === undefined ? {} : { nodes: nodes === '2' ? 2 : 1 }) });
    process.stdout.write('for kubectl and pulumi in this shell: eval "$(npx bouture cluster env)"\n');
    return 0;
  });
}

/** `bouture cluster down [--purge]` */
export async function down(_args: readonly string[], options: Options): Promise<number> {
  const stopped = await cluster.down({ purge: options['purge'] === true });
  if (!stopped) process.stdout.write('there is no cluster here\n');
  return 0;
}

/** `bouture cluster status [--json]`: exit code 0 when all is well, 1 when not. */
export async function status(_args: readonly string[], options: Options): Promise<number> {
  const found = await cluster.status();
  process.stdout.write(options['json'] === true ? `${JSON.stringify(found, undefined, 2)}\n` : render(found));
  return found.healthy ? 0 : 1;
}

/** `bouture cluster env`: the cluster's own variables, and those with which `pulumi` finds the stacks of `bouture up`. */
export function env(): Promise<number> {
  const forPulumi = pulumiEnvironment(process.cwd());
  preparePulumi(forPulumi);
  process.stdout.write(cluster.shellLines({ ...cluster.environment(), ...forPulumi }));
  return Promise.resolve(0);
}

function render(found: cluster.ClusterStatus): string {
  if (!found.exists) return 'there is no cluster here: bouture cluster up makes one\n';
  const yes = (value: boolean) => (value ? 'ok' : '--');
  return [
    ...found.parts.map(
      ({ name, running, pid }) => `${yes(running)}  ${name.padEnd(24)} ${running ? `process ${pid ?? ''}` : 'stopped'}`,
    ),
    `${yes(found.apiReady)}  API server answers`,
    `${yes(found.nodeReady)}  node is ready`,
    ...found.pods.map(({ name, phase, ready }) => `${yes(ready)}  pod ${name.padEnd(60)} ${phase}`),
    `kubeconfig  ${found.kubeconfig}`,
    `registry    ${found.registry}`,
    '',
  ].join('\n');
}
