import { blueprints } from '../../blueprints/registry';
import { loadConfig } from '../../blueprints/load';
import { judge } from '../../blueprints/judge';
import { packageFile } from '../../blueprints/package-root';
import { renderBlueprint, type RenderedBlueprint } from '../../blueprints/render';
import { type OutputChange, planOutput, writeOutput } from '../../blueprints/write';
import { BAD_INPUT, withProblemsTold } from '../problems';

/**
 * `bouture synth [CONFIG...] [--out DIR] [--check]`: renders configurations into folders of the output folder; without a
 * configuration, the example of every blueprint. With `--check` nothing is written.
 *
 * @returns 0 when done, 1 when `--check` finds the folder stale or an object breaks a rule, 2 when a configuration cannot be used
 */
export function run(args: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number> {
  const out = typeof options['out'] === 'string' ? options['out'] : 'charts-out';
  return withProblemsTold(() => {
    // Everything is rendered before anything is written: a problem in the last configuration leaves no trace of the first.
    const rendered = (args.length > 0 ? args : examples()).map((file) => renderBlueprint(loadConfig(file)));
    rendered.forEach((one) => {
      judge(one);
    });
    const clash = sharedFolder(rendered);
    if (clash !== undefined) {
      process.stderr.write(`bouture: two configurations are named "${clash}": render each into an --out of its own\n`);
      return BAD_INPUT;
    }
    const changes = planOutput(out, rendered);
    if (options['check'] === true) return reportStale(out, changes);
    writeOutput(out, changes);
    reportWritten(out, changes);
    return 0;
  });
}

function examples(): string[] {
  return Object.keys(blueprints).map((name) => packageFile('blueprints', name, 'config.yaml'));
}

function sharedFolder(rendered: readonly RenderedBlueprint[]): string | undefined {
  const folders = rendered.map(({ folder }) => folder);
  return folders.find((folder, index) => folders.indexOf(folder) !== index);
}

function reportStale(out: string, changes: readonly OutputChange[]): number {
  const stale = changes.filter(({ change }) => change !== 'unchanged');
  if (stale.length === 0) {
    process.stdout.write(`${out}: up to date, ${changes.length} files\n`);
    return 0;
  }
  const words = { created: 'is missing', changed: 'is stale', removed: 'is no longer rendered', unchanged: '' };
  for (const { path, change } of stale) process.stderr.write(`${out}/${path} ${words[change]}\n`);
  process.stderr.write(`${out}: ${stale.length} of ${changes.length} files differ: run bouture synth\n`);
  return 1;
}

function reportWritten(out: string, changes: readonly OutputChange[]): void {
  const changed = changes.filter(({ change }) => change !== 'unchanged');
  for (const { path, change } of changed) process.stdout.write(`${change.padEnd(8)} ${out}/${path}\n`);
  process.stdout.write(
    `${out}: ${changed.length} files written or removed, ${changes.length - changed.length} unchanged\n`,
  );
}
