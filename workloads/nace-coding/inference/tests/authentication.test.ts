import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { TestApp } from './support/app.js';

const fixtures = inject('fixtures');
const folder = mkdtempSync(join(tmpdir(), 'authentication-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function secret(name: string, content: string): { file: string } {
  const path = join(folder, name);
  writeFileSync(path, content);
  return { file: path };
}

const statusOf = async (app: TestApp, authorization?: string, path = '/predict?text_feature=riz&prob_min=0') =>
  (await fetch(`${app.url}${path}`, { headers: authorization === undefined ? {} : { authorization } })).status;
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('basic authentication', () => {
  let app: TestApp;
  beforeAll(async () => {
    const users = [
      { username: secret('user', 'collector\n'), password: secret('password', 'pass:wörd') },
      { username: secret('user-2', 'office'), password: secret('password-2', 'second') },
    ];
    app = await TestApp.start(fixtures, { authentication: { kind: 'basic', users } });
  });
  afterAll(async () => {
    await app.stop();
  });

  it.each([
    [undefined, 401],
    ['', 401],
    ['Basic', 401],
    ['Basic !!!', 401],
    [basic('collector'), 401],
    [basic('collector:'), 401],
    [basic('collector:second'), 401],
    [basic('office:pass:wörd'), 401],
    [`Bearer ${basic('office:second')}`, 401],
    [basic('collector:pass:wörd'), 200],
    [basic('office:second').replace('Basic', 'basic'), 200],
  ])('%s is answered %i', async (authorization, status) => {
    expect(await statusOf(app, authorization)).toBe(status);
  });

  it('says what it asks for', async () => {
    const answer = await fetch(`${app.url}/v2/models/nace`);
    expect(answer.headers.get('www-authenticate')).toContain('Basic realm');
    expect(await answer.json()).toHaveProperty('error');
  });

  it('leaves probes open', async () => {
    for (const path of ['/healthz', '/readyz', '/v2/health/live', '/v2/health/ready']) {
      expect(await statusOf(app, undefined, path)).toBe(200);
    }
    for (const path of ['/', '/openapi.json', '/v2', '/nothing']) {
      expect(await statusOf(app, undefined, path)).toBe(401);
    }
  });
});

describe('tokens of an issuer', () => {
  let app: TestApp;
  let issuer: Server;
  let url: string;
  let sign: (claims: JWTPayload, of?: 'issuer' | 'other') => Promise<string>;

  beforeAll(async () => {
    const own = await generateKeyPair('RS256');
    const other = await generateKeyPair('RS256');
    const key = { ...(await exportJWK(own.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
    issuer = createServer((request, response) => {
      const discovery = { issuer: url, jwks_uri: `${url}/keys` };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(request.url === '/keys' ? { keys: [key] } : discovery));
    });
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
    sign = async (claims, of = 'issuer') => {
      const token = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one' });
      return `Bearer ${await token.sign(of === 'issuer' ? own.privateKey : other.privateKey)}`;
    };
    app = await TestApp.start(fixtures, { authentication: { kind: 'bearer', issuer: url, audience: 'nace' } });
  });
  afterAll(async () => {
    await app.stop();
    issuer.close();
  });

  const inAnHour = Math.floor(Date.now() / 1000) + 3600;

  it('are taken from the issuer, for this audience, while they last', async () => {
    const good = { iss: url, aud: 'nace', exp: inAnHour };
    expect(await statusOf(app, await sign(good))).toBe(200);
    expect(await statusOf(app)).toBe(401);
    expect(await statusOf(app, 'Bearer x.y.z')).toBe(401);
    expect(await statusOf(app, await sign(good, 'other'))).toBe(401);
    expect(await statusOf(app, await sign({ ...good, iss: 'https://other.example.org' }))).toBe(401);
    expect(await statusOf(app, await sign({ ...good, aud: 'other' }))).toBe(401);
    expect(await statusOf(app, await sign({ ...good, exp: inAnHour - 7200 }))).toBe(401);
    expect(await statusOf(app, await sign({ iss: url, aud: 'nace' }))).toBe(401);
  });

  it('are not taken when they are not signed, or with a secret', async () => {
    const payload = Buffer.from(JSON.stringify({ iss: url, aud: 'nace', exp: inAnHour })).toString('base64url');
    const header = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    expect(await statusOf(app, `Bearer ${header}.${payload}.`)).toBe(401);
    const symmetric = new SignJWT({ iss: url, aud: 'nace', exp: inAnHour }).setProtectedHeader({
      alg: 'HS256',
      kid: 'one',
    });
    expect(await statusOf(app, `Bearer ${await symmetric.sign(new TextEncoder().encode('x'.repeat(32)))}`)).toBe(401);
  });

  it('cannot be checked while the issuer is away', async () => {
    const authentication = { kind: 'bearer' as const, issuer: 'http://127.0.0.1:24998', audience: 'nace' };
    const lonely = await TestApp.start(fixtures, { authentication });
    try {
      expect(await statusOf(lonely, await sign({ iss: url, aud: 'nace', exp: inAnHour }))).toBe(503);
    } finally {
      await lonely.stop();
    }
  });
});
