import { readFileSync, statSync } from 'node:fs';
import { ConfigError } from './problems';

/** The largest file that is read, in bytes: a configuration is a page or ten, not a data set. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads a text file whole: UTF-8, with or without a byte order mark, with any line ends.
 *
 * @throws ConfigError when it is missing, unreadable, no regular file, too large, or no text
 */
export function readText(file: string): string {
  const bytes = readBytes(file);
  const nul = bytes.indexOf(0);
  if (nul >= 0) {
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    throw wrong(
      file,
      utf16
        ? 'the file is UTF-16: save it as UTF-8'
        : `the file is no text: byte ${nul} is NUL; expected YAML in UTF-8`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw wrong(file, 'the file is not valid UTF-8: save it as UTF-8');
  }
}

function readBytes(file: string): Buffer {
  try {
    // Before opening: to open a named pipe would wait for a writer.
    const stat = statSync(file);
    if (stat.isDirectory()) throw wrong(file, 'this is a directory; expected a file: name the config.yaml in it');
    if (!stat.isFile()) throw wrong(file, 'this is no regular file');
    if (stat.size > MAX_BYTES) {
      throw wrong(file, `the file has ${stat.size} bytes; a configuration has at most ${MAX_BYTES}`);
    }
    return readFileSync(file);
  } catch (error) {
    throw error instanceof ConfigError ? error : wrong(file, unreadable(error));
  }
}

function unreadable(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'the file cannot be read: permission denied';
    case 'EISDIR':
      return 'this is a directory; expected a file: name the config.yaml in it';
    case 'ENOTDIR':
      return 'there is no such file: a part of its path is no directory';
    case 'ELOOP':
      return 'the file cannot be read: its symbolic links lead in a circle';
    case 'ENAMETOOLONG':
      return 'the file cannot be read: its name is too long';
    default:
      return `the file cannot be read: ${code === '' ? 'unknown reason' : code}`;
  }
}

function wrong(file: string, message: string): ConfigError {
  return new ConfigError(file, [{ file, path: '', message }]);
}
