import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { SEED_BYTES } from '../../stacks/generated-values';
import { UsageError } from './workspace';

/** What makes a seed file. */
const SEED_FILE_COMMAND = '(umask 077 && openssl rand -base64 32 > FILE)';

const BASE64 = /^[A-Za-z0-9+/]{43}=$/;

/**
 * The seed in a file: 32 random bytes in base64. Nothing of it stands in a message.
 *
 * @throws UsageError when there is no such file, when anybody but its owner may read it, or when it holds no seed
 */
export function readSeedFile(path: string): string {
  const text = readPrivately(path).trim();
  if (!BASE64.test(text) || Buffer.from(text, 'base64').length !== SEED_BYTES) {
    throw new UsageError(
      `${path} holds no seed: expected ${SEED_BYTES} random bytes in base64, 44 characters, found ${text.length}. ` +
        `Make one with ${SEED_FILE_COMMAND.replace('FILE', path)}; where a platform runs already, bring its own back.`,
    );
  }
  return text;
}

/** The file that was looked at is the one that is read: another may have its name a moment later. */
function readPrivately(path: string): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'it cannot be opened';
    throw new UsageError(`seed file ${path}: ${why}. Make one with ${SEED_FILE_COMMAND.replace('FILE', path)}`);
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new UsageError(`seed file ${path} is no file`);
    const mode = stat.mode & 0o777;
    if ((mode & 0o077) !== 0) {
      throw new UsageError(
        `seed file ${path} has mode ${mode.toString(8).padStart(4, '0')}: others than its owner could read or change it. Expected 0600: chmod 600 ${path}`,
      );
    }
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}
