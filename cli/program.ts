import { Command, Option } from 'commander';

/**
 * A command's own file, loaded only when it runs, so that `validate` does not pay for Pulumi. It returns the exit code:
 * 0 done, 1 failed, 2 bad input.
 */
type Run = (args: readonly string[], options: Readonly<Record<string, unknown>>) => Promise<number>;

function perform(load: () => Promise<{ run: Run }>): (this: Command, ...input: unknown[]) => Promise<void> {
  return async function (this: Command) {
    const { run } = await load();
    process.exitCode = await run(this.args, this.opts());
  };
}

/** The program: every command with its options. */
export const program = new Command('bouture')
  .description('Grows an open data-science platform from one configuration file, on any Kubernetes.')
  .showHelpAfterError()
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : 2);
  });

program
  .command('validate <config>')
  .description('checks a configuration: exit 0, or 2 with every problem')
  .option('--json', 'problems as JSON')
  .action(perform(() => import('./commands/validate.js')));

program
  .command('synth [config...]')
  .description('renders manifests; without arguments every blueprint into charts-out/')
  .option('--out <dir>', 'output folder', 'charts-out')
  .option('--check', 'write nothing; exit 1 when the output folder is stale')
  .action(perform(() => import('./commands/synth.js')));

program
  .command('diff <config>')
  .description('what synth would change, by object and field')
  .option('--out <dir>', 'folder to compare with', 'charts-out')
  .option('--exit-code', 'exit 1 when there are changes')
  .option('--json', 'as JSON')
  .action(perform(() => import('./commands/diff.js')));

program
  .command('images <config>')
  .description('the images of a blueprint, sorted, with digests')
  .option('--json', 'as JSON')
  .action(perform(() => import('./commands/images.js')));

program
  .command('cost <config>')
  .description('CPU, memory and disk that each component asks for, with totals')
  .option('--json', 'as JSON: thousandths of a CPU, and bytes')
  .action(perform(() => import('./commands/cost.js')));

program
  .command('secrets <config>')
  .description('the Secrets that up would make, on the standard output: for GitOps, where nothing else makes them')
  .option('--stack <name>', "the Pulumi stack whose seed and rotations they are made with; without any option, 'dev'")
  .addOption(
    new Option('--seed-file <file>', 'file of 32 random bytes in base64 that its owner alone can read').conflicts(
      'stack',
    ),
  )
  .addOption(
    new Option('--rotations <id=count...>', 'how often values have been made anew, with --seed-file').conflicts(
      'stack',
    ),
  )
  .addOption(
    new Option(
      '--external-secrets <store>',
      'print ExternalSecrets, which hold no value, for this SecretStore or ClusterSecretStore/NAME',
    ).conflicts(['stack', 'seedFile', 'rotations', 'values']),
  )
  .option('--values', 'print the generated values by name as JSON, to fill a store of secrets once')
  .option('--show', 'print them even on a terminal')
  .action(perform(() => import('./commands/secrets.js')));

program
  .command('graph <config>')
  .description('the platform as a picture')
  .addOption(
    new Option('--format <format>', 'output format').choices(['mermaid', 'dot', 'svg', 'json']).default('mermaid'),
  )
  .option('--out <file>', 'write to a file instead of the standard output')
  .action(perform(() => import('./commands/graph.js')));

program
  .command('init <dir>')
  .description("an office's own folder: one configuration file, a program, a README, CI; asks for what no option says")
  .option('--from <blueprint>', 'blueprint to start from; minimal where nobody is asked')
  .option('--name <name>', "name of the installation; the folder's where nobody is asked")
  .option('--domain <domain>', 'domain in which everything gets a host')
  .option('--mirror <registry>', 'registry that images are pulled from')
  .option('--yes', 'ask nothing')
  .action(perform(() => import('./commands/init.js')));

program
  .command('doctor [config]')
  .description('what this cluster or machine lacks, before anything is changed')
  .action(perform(() => import('./commands/doctor.js')));

program
  .command('up [config]')
  .description('deploys with Pulumi and waits until everything is ready')
  .option('--stack <name>', 'Pulumi stack', 'dev')
  .option('--preview', 'show what would change, change nothing')
  .option('--expect-no-changes', 'exit 1 when something changes')
  .option('--rotate <value...>', 'make new values for these generated secrets')
  .addOption(
    new Option(
      '--delete-data',
      'delete what holds data and is no longer in the configuration, which is refused otherwise',
    ).conflicts(['preview', 'expectNoChanges']),
  )
  .action(perform(() => import('./commands/up.js')));

program
  .command('down [config]')
  .description('removes what up made; data stays unless told otherwise')
  .option('--stack <name>', 'Pulumi stack', 'dev')
  .option('--delete-data', 'delete the volumes too')
  .action(perform(() => import('./commands/down.js')));

const cluster = program.command('cluster').description('the embedded cluster: a real Kubernetes on this machine');
cluster
  .command('up [config...]')
  .description(
    'builds what is missing and starts it, with the images of the configurations; kubeconfig in .bouture/cluster/kubeconfig',
  )
  .addOption(
    new Option('--nodes <number>', 'nodes, all of them this machine; else as many as it had').choices(['1', '2']),
  )
  .action(perform(async () => ({ run: (await import('./commands/cluster.js')).up })));
cluster
  .command('down')
  .description('stops it; its data stays')
  .option('--purge', 'leave nothing behind but the cached programs')
  .action(perform(async () => ({ run: (await import('./commands/cluster.js')).down })));
cluster
  .command('status')
  .description('what runs, and what does not')
  .option('--json', 'as JSON')
  .action(perform(async () => ({ run: (await import('./commands/cluster.js')).status })));
cluster
  .command('env')
  .description('shell lines that put kubectl, pulumi and the kubeconfig in reach: eval "$(npx bouture cluster env)"')
  .action(perform(async () => ({ run: (await import('./commands/cluster.js')).env })));

const catalog = program
  .command('catalog')
  .description('charts that Onyxia launches, from services defined in TypeScript');
catalog
  .command('build [program]')
  .description('packages and index.yaml of a catalog, the same bytes everywhere; released versions stay as they are')
  .option('--out <dir>', 'output folder', 'charts')
  .option('--check', 'write nothing; exit 1 when the output folder is stale')
  .action(perform(async () => ({ run: (await import('./commands/catalog.js')).build })));
catalog
  .command('lint <dir>')
  .description('what is wrong with charts, whoever made them: packages, folders, or a folder of either')
  .option('--json', 'as JSON')
  .action(perform(async () => ({ run: (await import('./commands/catalog.js')).lint })));
catalog
  .command('diff <before> <after>')
  .description('charts and versions that come, go or were rewritten, with their values and images')
  .option('--exit-code', 'exit 1 when there are changes')
  .option('--json', 'as JSON')
  .action(perform(async () => ({ run: (await import('./commands/catalog.js')).diff })));
catalog
  .command('init <dir>')
  .description("an office's own catalog: one service and its test")
  .action(perform(async () => ({ run: (await import('./commands/catalog.js')).init })));
catalog
  .command('mirror <source>')
  .description('a copy of a catalog for a network without internet: packages, index and the list of images')
  .option('--out <dir>', 'output folder', 'mirror')
  .option('--charts <name...>', 'only these charts')
  .action(perform(async () => ({ run: (await import('./commands/catalog.js')).mirror })));
