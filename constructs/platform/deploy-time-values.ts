import { DEPLOY_TIME_TOKEN, DeployTimeValue } from './deploy-time';
import type { SecretValue } from './secrets';
import type { Synthesis } from './synthesis';

/**
 * A synthesis with the deploy-time values that are known already, because the configuration states them. Others stay open.
 *
 * @param values by id
 */
export function withDeployTimeValues(synthesis: Synthesis, values: Readonly<Record<string, string>>): Synthesis {
  const text = (value: string) => value.replace(DEPLOY_TIME_TOKEN, (token, id: string) => values[id] ?? token);
  const fill = <T>(data: T): T =>
    JSON.parse(JSON.stringify(data), (_key, value: unknown) => (typeof value === 'string' ? text(value) : value)) as T;
  const known = (value: SecretValue): SecretValue => {
    if (typeof value === 'string') return text(value);
    return value instanceof DeployTimeValue ? (values[value.id] ?? value) : value;
  };
  const secrets = synthesis.secrets.map((secret) => {
    const data = Object.entries(secret.data).map(([key, value]) => [key, known(value)] as const);
    return { ...secret, data: Object.fromEntries(data) };
  });
  return { ...synthesis, objects: fill(synthesis.objects), accesses: fill(synthesis.accesses), secrets };
}
