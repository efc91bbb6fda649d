import { costOf } from '../../blueprints/costs';
import { synthesizeConfig } from '../../blueprints/load';
import { describeCost } from '../cost';
import { withProblemsTold } from '../problems';

/**
 * `bouture cost CONFIG [--json]`: CPU, memory and disk that each component asks for, and may use at most, computed from the rendered
 * objects: replicas, the bounds of scaling, volumes, and beside them what each CronJob and Job needs while it runs.
 *
 * @returns 0 when done, 2 when the configuration cannot be used
 */
export function run(args: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number> {
  const [config = ''] = args;
  return withProblemsTold(() => {
    const cost = costOf(synthesizeConfig(config));
    process.stdout.write(options['json'] === true ? `${JSON.stringify(cost, undefined, 2)}\n` : describeCost(cost));
    return 0;
  });
}
