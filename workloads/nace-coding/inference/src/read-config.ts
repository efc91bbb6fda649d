import { readFileSync } from 'node:fs';
import { type Config, configSchema, type SecretSource } from './config.js';
import { readSecret } from './secrets.js';

/** The configuration cannot be used; one line for each problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the file that `CONFIG_FILE` names. @throws ConfigError with everything that is wrong in it */
export function readConfig(path: string | undefined): Config {
  if (path === undefined || path === '') {
    throw new ConfigError('CONFIG_FILE is not set; it is the path of the configuration, a file of JSON');
  }
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`${path}: cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = configSchema.safeParse(content);
  if (parsed.success) {
    const unreadable = secretsOf(parsed.data).flatMap(problemsOf);
    if (unreadable.length > 0) throw new ConfigError(unreadable.join('\n'));
    return parsed.data;
  }
  const lines = parsed.error.issues.map(
    ({ path: place, message }) =>
      `${path}: /${place.map(String).join('/')}: ${message}; see schemas/config.schema.json`,
  );
  throw new ConfigError(lines.join('\n'));
}

/** Every secret that a configuration names. */
function secretsOf({ registry, authentication, records }: Config): SecretSource[] {
  const asked = registry.authentication;
  return [
    ...(asked.kind === 'basic' ? [asked.username, asked.password] : []),
    ...(asked.kind === 'token' ? [asked.token] : []),
    ...(authentication.kind === 'basic' ? authentication.users.flatMap((each) => [each.username, each.password]) : []),
    ...(records === undefined ? [] : [records.store.accessKeyId, records.store.secretAccessKey]),
    ...(records?.store.sessionToken === undefined ? [] : [records.store.sessionToken]),
    ...(records?.masking.kind === 'hash' ? [records.masking.key] : []),
  ];
}

function problemsOf(secret: SecretSource): string[] {
  try {
    readSecret(secret);
    return [];
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    return [`${error instanceof Error ? error.message : String(error)}${cause}`];
  }
}
