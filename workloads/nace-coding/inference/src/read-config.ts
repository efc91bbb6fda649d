import { readFileSync } from 'node:fs';
import { type Config, configSchema } from './config.js';

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
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(
    ({ path: place, message }) => `${path}: /${place.map(String).join('/')}: ${message}; see schemas/config.schema.json`,
  );
  throw new ConfigError(lines.join('\n'));
}
