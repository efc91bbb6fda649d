import { relative } from 'node:path';
import { synthesizeConfig } from '../../blueprints';
import { defaultConfig } from '../../stacks/default-config';
import { generatedValues } from '../../stacks/generated-values';
import { exclusively } from '../deployment/exclusive';
import { withTroublesTold } from '../deployment/tell';
import { update, type UpdateRequest } from '../deployment/update';
import { lockFile, rememberedConfig } from '../deployment/workspace';
import { BAD_INPUT, withProblemsTold } from '../problems';

/**
 * `bouture up [CONFIG]`: brings the cluster to what the configuration says, and waits until everything is ready. Without CONFIG, what the stack
 * deployed last; without that, the minimal blueprint.
 *
 * - `--preview` shows what would change, field by field, and changes nothing.
 * - `--expect-no-changes` does the same, and fails when something would change.
 * - `--delete-data` deletes what holds data and is no longer in the configuration: the namespace of a project that was removed from it, volumes of
 *   a part that was. Without it such an update is refused, and nothing is changed.
 * - `--rotate VALUE...` makes these generated secrets anew, and restarts what reads them. Those with which something is encrypted are refused.
 *
 * @returns 0 done; 1 failed, or something would change that must not; 2 bad input
 */
export function run(args: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number> {
  const root = process.cwd();
  const stack = typeof options['stack'] === 'string' ? options['stack'] : 'dev';
  return withProblemsTold(async () => {
    const config = args[0] ?? rememberedConfig(root, stack) ?? relative(root, defaultConfig());
    const request: UpdateRequest = {
      root,
      config,
      stack,
      synthesis: synthesizeConfig(config),
      preview: options['preview'] === true || options['expectNoChanges'] === true,
      expectNoChanges: options['expectNoChanges'] === true,
      deleteData: options['deleteData'] === true,
      rotate: Array.isArray(options['rotate']) ? options['rotate'].map(String) : [],
    };
    const values = generatedValues(request.synthesis);
    const known = [...values.keys()].sort();
    const unknown = request.rotate.filter((id) => !known.includes(id));
    if (unknown.length > 0) {
      process.stderr.write(`no generated secret is called ${unknown.join(', ')}: there are ${known.join(', ')}\n`);
      return BAD_INPUT;
    }
    const kept = request.rotate.flatMap((id) => {
      const reason = values.get(id)?.keptBecause;
      return reason === undefined ? [] : [`${id} is never rotated: ${reason}\n`];
    });
    if (kept.length > 0) {
      process.stderr.write(kept.join(''));
      return BAD_INPUT;
    }
    return withTroublesTold(() =>
      request.preview ? update(request) : exclusively(lockFile(root, stack), () => update(request)),
    );
  });
}
