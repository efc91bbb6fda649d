import { request as http } from 'node:http';
import { request as https } from 'node:https';

/** How to speak to a server that uses TLS. */
export interface Tls {
  /** PEM texts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Take any server certificate; only for asking whether a process of one's own, on the loopback address, lives. */
  readonly anyServer?: boolean;
}

/** Whether an address answers a GET with a status of 2xx, within five seconds. */
export async function answers(url: string, tls: Tls = {}): Promise<boolean> {
  return new Promise((resolve) => {
    const open = url.startsWith('https:') ? https : http;
    const { anyServer, ...keys } = tls;
    const request = open(url, { ...keys, rejectUnauthorized: anyServer !== true, timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode !== undefined && response.statusCode >= 200 && response.statusCode < 300);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => {
      resolve(false);
    });
    request.end();
  });
}
