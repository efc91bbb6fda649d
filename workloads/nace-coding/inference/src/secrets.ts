import { readFileSync } from 'node:fs';
import type { RegistryConfig, SecretSource } from './config.js';

/** A header that proves who asks. */
export interface Credentials {
  readonly authorization: string;
}

/** Reads a secret. @throws Error that names the file or the variable when there is none, or it is empty */
export function readSecret(source: SecretSource): string {
  const where = 'file' in source ? `file ${source.file}` : `environment variable ${source.env}`;
  let value: string | undefined;
  try {
    value = 'file' in source ? readFileSync(source.file, 'utf8').replace(/\r?\n$/, '') : process.env[source.env];
  } catch (error) {
    throw new Error(`${where}: the secret cannot be read`, { cause: error });
  }
  if (value === undefined || value === '') throw new Error(`${where}: holds no secret; set it`);
  return value;
}

/** Base64 of a name and a password, as basic authentication sends it. */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** What the registry is asked with. */
export function registryCredentials(authentication: RegistryConfig['authentication']): Credentials | undefined {
  switch (authentication.kind) {
    case 'none':
      return undefined;
    case 'basic':
      return { authorization: basic(readSecret(authentication.username), readSecret(authentication.password)) };
    case 'token':
      return { authorization: `Bearer ${readSecret(authentication.token)}` };
  }
}
