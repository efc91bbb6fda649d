import { DEPLOY_TIME_TOKEN, deployTimeIds, missingDeployTimeValues } from './deploy-time';
import type { Synthesis } from './synthesis';

/**
 * A synthesis whose deploy-time values are known already, because the configuration states them.
 *
 * @param values by id
 * @throws Error that names every value that is missing
 */
export function withDeployTimeValues(synthesis: Synthesis, values: Readonly<Record<string, string>>): Synthesis {
  const missing = deployTimeIds([synthesis.objects, synthesis.accesses]).filter((id) => values[id] === undefined);
  if (missing.length > 0) throw new Error(missingDeployTimeValues(missing));
  const fill = <T>(data: T): T =>
    JSON.parse(JSON.stringify(data), (_key, value: unknown) =>
      typeof value === 'string' ? value.replace(DEPLOY_TIME_TOKEN, (token, id: string) => values[id] ?? token) : value,
    ) as T;
  return { ...synthesis, objects: fill(synthesis.objects), accesses: fill(synthesis.accesses) };
}
