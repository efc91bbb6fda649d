import { X509Certificate, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { NODE_ADDRESS, WEB_DOMAIN } from '../../../tools/cluster/addresses';
import { stateRoot } from '../../../tools/cluster';
import { ROOT } from './commands';
import { ensureDebian } from './debian';
import { sleep } from './waiting';

const CHROMIUM = '/usr/bin/chromium';

/** The certificate of the cluster's hosts, made by an authority of its own. */
export const WEB_AUTHORITY = join(stateRoot(ROOT), 'pki/web-ca.crt');

/** A real browser, for which the hosts of the cluster's domain lead to its Ingress controller. */
export async function openBrowser(): Promise<Browser> {
  return openBrowserAt(
    `MAP *.${WEB_DOMAIN} ${NODE_ADDRESS}`,
    readFileSync(join(stateRoot(ROOT), 'pki/web.crt'), 'utf8'),
  );
}

/**
 * A real browser that finds some hosts elsewhere than the world does.
 *
 * @param hosts a rule such as `MAP *.example.org 127.0.0.1:8443`
 * @param certificate of those hosts in PEM: its key is trusted, and no other that no public authority vouches for
 */
export async function openBrowserAt(hosts: string, certificate: string): Promise<Browser> {
  await ensureDebian({ [CHROMIUM]: 'chromium' });
  const { publicKey } = new X509Certificate(certificate);
  const pin = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync'],
      `--host-resolver-rules=${hosts}`,
      `--ignore-certificate-errors-spki-list=${pin}`,
    ],
  });
}

/**
 * What Chromium says of every connection when an interface of its machine comes or goes; a fetch of a page is told no reason, and some
 * navigations are told nothing at all.
 */
const DISTURBED = /ERR_NETWORK_CHANGED|Failed to fetch|page\.goto: Timeout/;

/**
 * Does something again that failed because a network interface came or went: here the browser stands on the node itself, where that happens
 * with each Pod.
 */
export async function undisturbed<T>(act: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await act();
    } catch (error) {
      if (tries === 4 || !(error instanceof Error) || !DISTURBED.test(error.message)) throw error;
      await sleep(1000);
    }
  }
}

/** What a page's script got. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Calls an address from the scripts of the page that is open, as the page itself would: the browser asks the server's leave first. */
export async function callFrom(
  page: Page,
  url: string,
  init: { readonly method?: string; readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
): Promise<Answer> {
  return undisturbed(() =>
    page.evaluate(
      async ([address, options]) => {
        const response = await fetch(address, options);
        return { status: response.status, text: await response.text() };
      },
      [url, init] as const,
    ),
  );
}
