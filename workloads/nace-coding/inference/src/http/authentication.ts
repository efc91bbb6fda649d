import { hash, timingSafeEqual } from 'node:crypto';
import { createRemoteJWKSet, errors, jwtVerify, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { AuthenticationConfig } from '../config.js';
import { basic, readSecret } from '../secrets.js';
import { Problem } from './problem.js';

/** Lets a request through, or not. */
export interface Authenticator {
  /** What the answer 401 asks for; undefined when nothing is. */
  readonly challenge: string | undefined;
  /** @throws Problem 401 for no or wrong credentials, 503 when the issuer's keys cannot be had */
  check(authorization: string | undefined): Promise<void> | void;
}

const refused = (): Problem => new Problem(401, 'no credentials, or wrong ones');
const digest = (text: string): Buffer => hash('sha256', text, 'buffer');

function basicAuthenticator(users: Extract<AuthenticationConfig, { kind: 'basic' }>['users']): Authenticator {
  const accepted = users.map(({ username, password }) => digest(basic(readSecret(username), readSecret(password))));
  return {
    challenge: 'Basic realm="inference", charset="UTF-8"',
    check: (authorization = '') => {
      // Credentials are written again as we would write them, because base64 and the scheme's case leave a choice.
      const [, encoded = ''] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? [];
      const [username = '', ...password] = Buffer.from(encoded, 'base64').toString().split(':');
      const given = digest(basic(username, password.join(':')));
      // Every account is compared, in a time that does not depend on the content.
      const matches = accepted.map((each) => timingSafeEqual(each, given));
      if (!matches.includes(true)) throw refused();
    },
  };
}

const discoverySchema = z.looseObject({ issuer: z.string(), jwks_uri: z.url() });

function bearerAuthenticator(config: Extract<AuthenticationConfig, { kind: 'bearer' }>): Authenticator {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  const discover = async (): Promise<JWTVerifyGetKey> => {
    const url = `${config.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
    const { issuer, jwks_uri } = discoverySchema.parse(await answer.json());
    if (issuer !== config.issuer) throw new Error(`${url} names the issuer ${issuer}`);
    return createRemoteJWKSet(new URL(jwks_uri));
  };
  const keysOf = async (): Promise<JWTVerifyGetKey> => {
    keys ??= config.jwksUrl === undefined ? discover() : Promise.resolve(createRemoteJWKSet(new URL(config.jwksUrl)));
    return keys.catch((error: unknown) => {
      keys = undefined;
      throw error;
    });
  };
  return {
    challenge: 'Bearer',
    check: async (authorization = '') => {
      const [, token] = /^bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(authorization) ?? [];
      if (token === undefined) throw refused();
      try {
        await jwtVerify(token, await keysOf(), {
          issuer: config.issuer,
          audience: config.audience,
          requiredClaims: ['exp'],
          // No secret of the issuer is known here: a token that is signed with one proves nothing.
          algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'],
        });
      } catch (error) {
        const isTokens = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout);
        if (isTokens && error.code !== 'ERR_JOSE_GENERIC') throw refused();
        throw new Problem(503, 'the keys of the issuer cannot be had', 5);
      }
    },
  };
}

/** @throws Error when a secret cannot be read */
export function authenticator(config: AuthenticationConfig): Authenticator {
  switch (config.kind) {
    case 'none':
      return { challenge: undefined, check: () => undefined };
    case 'basic':
      return basicAuthenticator(config.users);
    case 'bearer':
      return bearerAuthenticator(config);
  }
}
