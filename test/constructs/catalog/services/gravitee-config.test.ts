import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { API_YML, FILES, GATEWAY_YML } from '../../../../constructs/catalog/services/gravitee-config';
import { CONFIG, START_SCRIPT } from '../../../../constructs/catalog/services/gravitee-start';

const VARIABLES = {
  PGHOST: 'db',
  PGPORT: '5432',
  PGUSER: 'postgres',
  PGPASSWORD: "it's: #1",
  DATABASE: 'test',
  EMAIL: 'ada@example.org',
  MEMORY: '2048',
  PASSWORD: 'a "password"\'s $value: x',
  JWT_SECRET: 'jwt',
  REFERENCE_SECRET: 'reference',
  PROPERTIES_SECRET: 'properties',
  IS_OPEN: 'true',
  CONSOLE_HOST: 'console.example.org',
  GATEWAY_HOST: 'gateway.example.org',
};
type Configuration = Readonly<Record<string, unknown>>;

/** Runs the script below a folder, with a program in place of Gravitee that tells what it was started with. */
function written(role: 'api' | 'gateway', changed: Partial<typeof VARIABLES> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'gravitee-'));
  try {
    const here = (text: string) =>
      text.replaceAll(FILES, join(folder, 'files')).replaceAll(CONFIG, join(folder, 'run'));
    for (const name of ['files', 'run', 'bin']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'files/api.yml'), API_YML);
    writeFileSync(join(folder, 'files/gateway.yml'), GATEWAY_YML);
    writeFileSync(join(folder, 'bin/gravitee'), '#!/bin/sh\nenv\n', { mode: 0o755 });
    const environment = execFileSync('sh', ['-s', role], {
      input: here(START_SCRIPT),
      cwd: folder,
      env: { PATH: process.env['PATH'], JAVA_HOME: '/opt/java', ...VARIABLES, ...changed },
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const text = readFileSync(join(folder, 'run/gravitee.yml'), 'utf8');
    return { configuration: load(text) as Configuration, environment, file: join(folder, 'run/gravitee.yml') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const JDBC = {
  type: 'jdbc',
  jdbc: { url: 'jdbc:postgresql://db:5432/test', username: 'postgres', password: VARIABLES.PGPASSWORD },
};

test('has one account, with the password of the service, whatever letters it has', () => {
  expect(written('api').configuration).toMatchObject({
    security: {
      providers: [
        {
          type: 'memory',
          'password-encoding-algo': 'none',
          users: [
            {
              username: 'admin',
              email: 'ada@example.org',
              password: VARIABLES.PASSWORD,
              roles: 'ORGANIZATION:ADMIN,ENVIRONMENT:ADMIN',
            },
          ],
        },
      ],
    },
  });
});

test('keeps everything in PostgreSQL, by the name that Gravitee has for it and by the one to come', () => {
  const api = written('api').configuration;
  expect(api).toMatchObject({ management: JDBC, repositories: { management: JDBC } });
  const both = { management: JDBC, ratelimit: JDBC };
  expect(written('gateway').configuration).toMatchObject({ ...both, repositories: both });
});

test('has the key of encrypted properties on both sides, and of the signatures on one', () => {
  const properties = { api: { properties: { encryption: { secret: 'properties' } } } };
  expect(written('api').configuration).toMatchObject({
    ...properties,
    jwt: { secret: 'jwt', 'cookie-secure': true },
    user: { reference: { secret: 'reference' } },
  });
  const gateway = written('gateway').configuration;
  expect(gateway).toMatchObject(properties);
  expect(gateway).not.toHaveProperty('jwt');
  expect(gateway).not.toHaveProperty('security');
});

test('asks no Elasticsearch, and has no technical API with a password that everybody knows', () => {
  expect(written('api').configuration).toMatchObject({
    analytics: { type: 'none' },
    services: { core: { http: { enabled: false } } },
    http: { api: { portal: { enabled: false } } },
    console: { userCreation: { enabled: false } },
  });
  expect(written('gateway').configuration).toMatchObject({
    reporters: { elasticsearch: { enabled: false } },
    services: { core: { http: { enabled: false } } },
  });
});

test('knows its hosts where it has them', () => {
  expect(written('api').configuration).toMatchObject({
    installation: {
      api: { url: 'https://console.example.org' },
      standalone: { console: { url: 'https://console.example.org' } },
    },
    portal: { entrypoint: 'https://gateway.example.org' },
    'http.api.management.cors.allow-origin': 'https://console.example.org',
  });
  const closed = written('api', { IS_OPEN: 'false', CONSOLE_HOST: '' }).configuration;
  expect(closed).not.toHaveProperty('installation');
  expect(closed).toMatchObject({ jwt: { 'cookie-secure': false } });
});

test('is where the software looks for it, which sees no secret in its environment', () => {
  const { environment, file } = written('api');
  expect(environment).toContain(`-Dgravitee.conf=${file}`);
  expect(environment).toContain('GIO_MAX_MEM=1024m');
  expect(environment).not.toMatch(/PASSWORD|SECRET/);
});

test('is refused where Gravitee would replace a part of a password', () => {
  expect(() => written('api', { PASSWORD: 'a${b}' })).toThrow(/which Gravitee replaces/);
});
