import { execFileSync } from 'node:child_process';
import fs, { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, loadConfig, parseConfig } from '../../blueprints';
import { temporaryFolder } from '../support/temporary';

const VALID = `apiVersion: bouture.dev/v1
blueprint: minimal
name: office
images: {mirror: registry.example.org}
objectStore: {minio: {}}
`;
const folder = temporaryFolder();

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** What is told of a file, or "valid". */
function told(act: () => unknown): string {
  try {
    act();
    return 'valid';
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ message }) => message).join('\n');
    throw error;
  }
}

const toldOf = (path: string) => told(() => loadConfig(path));

describe('a file that cannot be read', () => {
  test('is missing', () => {
    expect(toldOf(join(folder, 'nowhere.yaml'))).toBe('there is no such file');
    expect(toldOf(join(file('plain', ''), 'config.yaml'))).toContain('no such file');
    expect(toldOf('')).toBe('there is no such file');
  });

  test('is a directory', () => {
    mkdirSync(join(folder, 'directory'));
    expect(toldOf(join(folder, 'directory'))).toContain('this is a directory');
  });

  test('is a symbolic link in a circle', () => {
    symlinkSync(join(folder, 'circle'), join(folder, 'circle'));
    expect(toldOf(join(folder, 'circle'))).toContain('lead in a circle');
  });

  test('is a named pipe, which nobody waits for', () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(toldOf(join(folder, 'pipe'))).toBe('this is no regular file');
  });

  test('has a name that no file system knows', () => {
    expect(toldOf(join(folder, 'a'.repeat(5000)))).toContain('its name is too long');
    expect(toldOf(`${folder}/a\0b`)).toContain('the file cannot be read');
  });

  test('belongs to someone else', () => {
    const path = file('private.yaml', VALID);
    const denied = Object.assign(new Error('denied'), { code: 'EACCES' });
    const spy = jest.spyOn(fs, 'readFileSync').mockImplementation(() => {
      throw denied;
    });
    try {
      expect(toldOf(path)).toBe('the file cannot be read: permission denied');
    } finally {
      spy.mockRestore();
    }
  });

  test('has 50 megabytes, and is not even opened', () => {
    const path = file('large.yaml', '');
    truncateSync(path, 50 * 1024 * 1024);
    const start = performance.now();
    expect(toldOf(path)).toMatch(/^the file has 52428800 bytes; a configuration has at most 1048576/);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('a file that is no text', () => {
  test('holds a NUL byte', () => {
    expect(toldOf(file('nul.yaml', `${VALID}\0`))).toMatch(/^the file is no text: byte \d+ is NUL/);
  });

  test('is UTF-16', () => {
    expect(toldOf(file('utf16.yaml', Buffer.from(`\ufeff${VALID}`, 'utf16le')))).toContain('UTF-16');
  });

  test('is not valid UTF-8', () => {
    expect(toldOf(file('latin1.yaml', Buffer.from('name: donn\xe9es\n', 'latin1')))).toContain('not valid UTF-8');
  });
});

describe('a file that is read all the same', () => {
  test.each([
    ['with a byte order mark', Buffer.from(`\ufeff${VALID}`)],
    ['with the line ends of Windows', VALID.replaceAll('\n', '\r\n')],
    ['with a comment in another script', `# Офис статистики\n${VALID}`],
  ])('%s', (_, content) => {
    expect(toldOf(file('good.yaml', content))).toBe('valid');
  });

  test('through a symbolic link', () => {
    symlinkSync(file('target.yaml', VALID), join(folder, 'link.yaml'));
    expect(toldOf(join(folder, 'link.yaml'))).toBe('valid');
  });
});

describe('a text that is made to exhaust the reader', () => {
  test.each([
    ['brackets', '['.repeat(500_000)],
    ['a few thousand brackets, which the parser alone does not survive', '['.repeat(3000)],
    ['braces', '{a: '.repeat(100_000)],
    ['dashes', '- '.repeat(200_000)],
    ['question marks', '? '.repeat(200_000)],
    ['ever deeper lines', Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('by %s is refused at its depth', (_, text) => {
    const start = performance.now();
    expect(told(() => parseConfig('deep.yaml', text))).toContain('nested deeper than 64 levels');
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('by thousands of keys names the first hundred', () => {
    const text = VALID + Array.from({ length: 5000 }, (_, index) => `key${index}: 1\n`).join('');
    const problems = told(() => parseConfig('wide.yaml', text)).split('\n');
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toBe('and 4900 more problems');
  });

  test('by long lines is read in the time of a blink', () => {
    const start = performance.now();
    for (const text of [
      'eyJ-'.repeat(100_000),
      'a'.repeat(500_000),
      `${'a'.repeat(250_000)}://x`,
      '${'.repeat(100_000),
    ]) {
      told(() =>
        parseConfig('long.yaml', `${VALID}database: {external: {host: "${text}", plainTextBecause: "${text}"}}\n`),
      );
    }
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

test('annotations that no object can have are refused before any is made', () => {
  const exposure = `exposure: {domain: data.example.org, ingress: {className: x, controller: {namespace: x}, annotations: {a: "${'x'.repeat(300_000)}"}}}`;
  expect(told(() => parseConfig('long.yaml', `${VALID}${exposure}\n`))).toBe(
    'the annotations have 300001 bytes together; an object has at most 262144',
  );
});

test('a key of the prototype reaches no object', () => {
  told(() =>
    parseConfig('evil.yaml', `${VALID}__proto__: {polluted: true}\nconstructor: {prototype: {polluted: true}}\n`),
  );
  expect(Object.prototype).not.toHaveProperty('polluted');
});

test('a lock file beside the configuration is used, and judged like it', () => {
  file('lock.yaml', 'images:\n  minio: {repository: office/minio, tag: latest, licence: MIT}\n');
  const path = file(
    'locked.yaml',
    VALID.replace('{mirror: registry.example.org}', '{mirror: registry.example.org, lock: lock.yaml}'),
  );
  expect(told(() => loadConfig(path))).toBe('this key is missing\nno tag of one version');
  file(
    'lock.yaml',
    'images:\n  minio: {repository: office/minio, tag: "7", licence: MIT, source: https://example.org}\n',
  );
  expect(loadConfig(path).images).toEqual({
    minio: { repository: 'office/minio', tag: '7', licence: 'MIT', source: 'https://example.org' },
  });
});
