import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { configSchema } from '../src/config.js';
import { readConfig } from '../src/read-config.js';
import { schemas } from '../src/schemas.js';

const folder = mkdtempSync(join(tmpdir(), 'config-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const MINIMAL = {
  registry: { url: 'http://mlflow.example.org', model: 'nace', select: { alias: 'champion' } },
  cacheFolder: '/cache',
  confidence: { index: 'margin', threshold: 0.8 },
  authentication: { kind: 'none' },
};

function file(content: unknown): string {
  const path = join(folder, 'config.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('the configuration', () => {
  it('has defaults for what is not the decision of an office', () => {
    const config = readConfig(file(MINIMAL));
    expect(config.server).toMatchObject({ port: 8080, managementPort: 9090 });
    expect(config.limits.rowsPerRequest).toBe(1000);
    expect(config.records).toBeUndefined();
  });

  it('has none for the threshold, the index and the authentication', () => {
    for (const name of ['confidence', 'authentication'] as const) {
      expect(() => readConfig(file({ ...MINIMAL, [name]: undefined }))).toThrow(`/${name}`);
    }
    expect(() => readConfig(file({ ...MINIMAL, confidence: { index: 'margin' } }))).toThrow('/confidence/threshold');
  });

  it('is refused with every problem at once, by exit code 2', () => {
    const wrong = { ...MINIMAL, cacheFolder: 'cache', confidence: { index: 'gini', threshold: 2 }, port: 1 };
    const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
    const env = { ...process.env, CONFIG_FILE: file(wrong) };
    const { status, stderr } = spawnSync(process.execPath, [main], { env, encoding: 'utf8' });
    expect(status).toBe(2);
    for (const place of ['/cacheFolder', '/confidence/index', '/confidence/threshold', 'port']) {
      expect(stderr).toContain(place);
    }
  });

  it('is refused when secrets cannot be read, with every one of them', () => {
    const secret = { file: join(folder, 'missing') };
    const users = [{ username: secret, password: { env: 'NOT_SET' } }];
    expect(() => readConfig(file({ ...MINIMAL, authentication: { kind: 'basic', users } }))).toThrow(
      /missing[^]*environment variable NOT_SET: holds no secret/,
    );
  });

  it('is refused when it is no JSON, or not there', () => {
    expect(() => readConfig(file('{'))).toThrow('cannot be read as JSON');
    expect(() => readConfig(undefined)).toThrow('CONFIG_FILE is not set');
  });

  it('says the same by its JSON Schema', () => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
      JSON.parse(schemas['config.schema.json'] ?? '') as object,
    );
    const cases: readonly (readonly [unknown, boolean])[] = [
      [MINIMAL, true],
      [{ ...MINIMAL, unknown: 1 }, false],
      [{ ...MINIMAL, registry: { ...MINIMAL.registry, select: { alias: 'a', version: '1' } } }, false],
      [{ ...MINIMAL, registry: { ...MINIMAL.registry, select: { version: '12' } } }, true],
      [{ ...MINIMAL, limits: { rowsPerRequest: 0 } }, false],
      [{ ...MINIMAL, authentication: { kind: 'bearer', issuer: 'https://id.example.org', audience: 'nace' } }, true],
    ];
    for (const [value, valid] of cases) {
      expect([value, validate(value), configSchema.safeParse(value).success]).toEqual([value, valid, valid]);
    }
  });
});
