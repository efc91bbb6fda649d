import { createServer as createProxy, request } from 'node:http';
import { createServer, type Server } from 'node:https';
import { connect } from 'node:net';
import type { Browser } from 'playwright-core';
import { freePort } from '../../../tools/quickstart/port-forward';
import { openBrowserAt } from './browser';
import { TestAuthority } from './certificate-authority';

/**
 * What an Ingress controller is to programs of this machine: it ends TLS for some hosts of a domain, and forwards each to a program on the loopback
 * address, with the headers that tell how the browser came.
 */
export class LocalWeb {
  /** @param backends where each host leads: `{ 'auth.example.org': 'http://127.0.0.1:8080' }`; asked for each request */
  static async start(domain: string, backends: Readonly<Record<string, () => string>>): Promise<LocalWeb> {
    const authority = new TestAuthority();
    const { certificate, key } = authority.issue(domain, `DNS:*.${domain}`);
    const server = createServer({ cert: certificate, key }, (incoming, outgoing) => {
      const host = incoming.headers.host ?? '';
      const backend = backends[host];
      if (backend === undefined) {
        outgoing.writeHead(404).end(`no route for ${host}`);
        return;
      }
      const headers = {
        ...incoming.headers,
        'x-forwarded-for': incoming.socket.remoteAddress ?? '',
        'x-forwarded-host': host,
        'x-forwarded-proto': 'https',
      };
      const forwarded = request(
        new URL(incoming.url ?? '/', backend()),
        { method: incoming.method ?? 'GET', headers },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        },
      );
      forwarded.on('error', (error) => outgoing.writeHead(502).end(error.message));
      incoming.pipe(forwarded);
    });
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return new LocalWeb(domain, port, certificate, authority, server);
  }

  /** Lets programs find the hosts here whom no browser's settings reach: a proxy as `HTTPS_PROXY` names one. */
  async proxy(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
    const proxy = createProxy((_incoming, outgoing) => outgoing.writeHead(405).end());
    proxy.on('connect', (_asked, client, head) => {
      const server = connect(this.port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        server.write(head);
        server.pipe(client).pipe(server);
      });
      for (const end of [server, client]) end.on('error', () => server.destroy());
    });
    const port = await freePort();
    await new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve));
    return {
      url: `http://127.0.0.1:${port}`,
      stop: async () => {
        proxy.closeAllConnections();
        await new Promise((resolve) => proxy.close(resolve));
      },
    };
  }

  /** Who signed the certificate of the hosts, in PEM. */
  get authorityCertificate(): string {
    return this.authority.certificate;
  }

  private constructor(
    private readonly domain: string,
    private readonly port: number,
    private readonly certificate: string,
    private readonly authority: TestAuthority,
    private readonly server: Server,
  ) {}

  /** A browser for which the hosts of the domain lead here. */
  browser(): Promise<Browser> {
    return openBrowserAt(`MAP *.${this.domain} 127.0.0.1:${this.port}`, this.certificate);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    this.authority.remove();
  }
}
