import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { IssuedCertificate, TestAuthority } from './certificate-authority';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const DISCOVERY = '/.well-known/openid-configuration';

/** Signs tokens and serves the keys for them: what is around a server that takes tokens of people, in a test of that server. */
export class TokenIssuer {
  /** @param certificate for servers that want TLS */
  static async start(certificate?: IssuedCertificate): Promise<TokenIssuer> {
    const issuer = new TokenIssuer(certificate);
    await issuer.listen();
    return issuer;
  }

  private readonly pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  private readonly kid = randomUUID();
  private server: Server | undefined;
  private port = 0;

  private constructor(private readonly certificate?: IssuedCertificate) {}

  get issuer(): string {
    return `${this.certificate === undefined ? 'http' : 'https'}://127.0.0.1:${this.port}`;
  }

  get jwksUrl(): string {
    return `${this.issuer}/keys`;
  }

  get discoveryUrl(): string {
    return `${this.issuer}${DISCOVERY}`;
  }

  /** Serves the keys, at the same address as before. */
  async listen(): Promise<void> {
    const jwk = { ...this.pair.publicKey.export({ format: 'jwk' }), kid: this.kid, use: 'sig', alg: 'RS256' };
    const answer: RequestListener = ({ url }, response) => {
      const body = url === DISCOVERY ? { issuer: this.issuer, jwks_uri: this.jwksUrl } : { keys: [jwk] };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    };
    const { certificate } = this;
    const server =
      certificate === undefined
        ? createServer(answer)
        : createTlsServer({ cert: certificate.certificate, key: certificate.key }, answer);
    await new Promise<void>((done) => server.listen(this.port, '127.0.0.1', done));
    const address = server.address();
    if (typeof address === 'object' && address !== null) this.port = address.port;
    this.server = server;
  }

  /** Goes away, as a provider that is down. */
  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((done) => this.server?.close(done));
  }

  /** A token. @param claims replace those that it has by default: issuer, subject, times */
  sign(claims: Readonly<Record<string, unknown>>): string {
    const now = Math.floor(Date.now() / 1000);
    const payload = { iss: this.issuer, sub: randomUUID(), iat: now, exp: now + 300, ...claims };
    const text = `${encode({ alg: 'RS256', typ: 'JWT', kid: this.kid })}.${encode(payload)}`;
    return `${text}.${createSign('RSA-SHA256').update(text).sign(this.pair.privateKey).toString('base64url')}`;
  }
}

/** How the documentation says that an API server should know people: by the tokens of an issuer, with `oidc:` before their names. */
export function authenticationOf({ issuer }: TokenIssuer, { certificate }: TestAuthority): object {
  const prefix = 'oidc:';
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    jwt: [
      {
        issuer: { url: issuer, audiences: ['onyxia'], certificateAuthority: certificate },
        claimMappings: {
          username: { claim: 'preferred_username', prefix },
          groups: { claim: 'groups', prefix },
        },
      },
    ],
  };
}
