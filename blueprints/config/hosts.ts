import { isIP, isIPv4 } from 'node:net';
import { domainToASCII } from 'node:url';
import { z } from 'zod';
import { judgeLabel } from './names';
import { scalar, wholeNumber, type Verdict } from './scalar';

/** The longest host name, in characters (RFC 1035 without the final dot). */
const HOST_MAX = 253;

/** What is wrong with a bare host name such as `mlflow.example.org`. */
function judgeHost(text: string): Verdict | undefined {
  if (text === '') return { message: 'the host is empty' };
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text)?.[0];
  if (scheme !== undefined) return { message: `a bare host has no scheme (${scheme})`, suggestion: hostIn(text) };
  if (text.includes('@')) return { message: 'a host has no user name in it' };
  if (text.includes('/')) return { message: 'a host has no slash and no path', suggestion: hostIn(text) };
  if (text.startsWith('*.')) return { message: 'a wildcard is no host', suggestion: hostIn(text.slice(2), text) };
  if (isIP(text.replace(/^\[|\]$/g, '')) !== 0)
    return { message: 'an address is no host name: certificates and routes need a name' };
  if (/:\d*$/.test(text)) return { message: 'a bare host has no port', suggestion: hostIn(text) };
  if (text.length > HOST_MAX) return { message: `the host has ${text.length} characters; at most ${HOST_MAX} fit` };
  if (/[^\x20-\x7e]/.test(text)) {
    const ascii = domainToASCII(text);
    return {
      message: 'an internationalised host is written in its ASCII form',
      suggestion: ascii === '' ? undefined : ascii,
    };
  }
  const loopback = judgeLoopback(text);
  if (loopback !== undefined) return loopback;
  if (text.endsWith('.')) return { message: 'the final dot is left out', suggestion: hostIn(text.slice(0, -1), text) };
  if (!text.includes('.')) return { message: 'a host within a domain has at least two labels', suggestion: undefined };
  if (text !== text.toLowerCase())
    return { message: 'a host is written in lower case', suggestion: hostIn(text.toLowerCase(), text) };
  for (const part of text.split('.')) {
    const verdict = judgeLabel(part);
    if (verdict !== undefined)
      return { message: `one label of the host is wrong: ${verdict.message.replace('the name', 'it')}` };
  }
  return undefined;
}

function judgeLoopback(text: string): Verdict | undefined {
  if (!/^(?:.*\.)?localhost$|^127\.[\d.]+$/.test(text)) return undefined;
  return { message: `${text} is each machine itself: nobody else reaches it` };
}

/** The host that a text holds, when it is another than what was given. */
function hostIn(text: string, given: string = text): string | undefined {
  const host = text
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/[/:?#].*$/s, '')
    .toLowerCase();
  return host !== given && judgeHost(host) === undefined ? host : undefined;
}

/** A host name of the world: `data.example.org`. */
export function host(): z.ZodString {
  return scalar('a host name such as data.example.org', judgeHost, {
    maxLength: HOST_MAX,
    examples: ['data.example.org'],
  });
}

/** A host that Pods reach: a name of any depth, or an IPv4 address. */
export function reachableHost(): z.ZodString {
  return scalar(
    'a host name such as db.example.org, or an IPv4 address',
    (text) => {
      const loopback = judgeLoopback(text);
      if (loopback !== undefined || isIPv4(text)) return loopback;
      if (isIP(text) === 6) return { message: 'an IPv6 address is not supported here' };
      if (!text.includes('.') && judgeLabel(text) === undefined) return undefined;
      return judgeHost(text);
    },
    { maxLength: HOST_MAX, examples: ['db.example.org'] },
  );
}

/** An http or https URL of a server: scheme, host, perhaps a port, nothing else. */
export function serverUrl(): z.ZodString {
  return scalar('a URL such as https://s3.example.org', judgeServerUrl, {
    pattern: '^https?://',
    examples: ['https://s3.example.org'],
  });
}

function judgeServerUrl(text: string): Verdict | undefined {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
    return { message: 'a URL begins with https:// or http://', suggestion: serverIn(`https://${text}`, text) };
  if (!/^https?:\/\//.test(text)) return { message: 'the scheme is neither https nor http' };
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return { message: 'no URL' };
  }
  if (url.username !== '' || url.password !== '' || text.includes('@')) {
    return { message: 'a URL holds no user name and no password: credentials stand in a Secret' };
  }
  if (url.search !== '' || url.hash !== '')
    return { message: 'a server has no query and no fragment', suggestion: serverIn(text) };
  if (url.pathname !== '/' || text.endsWith('/'))
    return { message: 'a server has no path and no trailing slash', suggestion: serverIn(text) };
  if (url.port === '0') return { message: 'a port is a whole number from 1 to 65535' };
  const name = /^https?:\/\/([^:]*)/.exec(text)?.[1] ?? '';
  const loopback = judgeLoopback(name);
  if (loopback !== undefined) return loopback;
  return isIPv4(name) || (!name.includes('.') && judgeLabel(name) === undefined) ? undefined : judgeHost(name);
}

function serverIn(text: string, given: string = text): string | undefined {
  const server = /^https?:\/\/[^/?#@]+/.exec(text)?.[0];
  return server !== undefined && server !== given && judgeServerUrl(server) === undefined ? server : undefined;
}

/** A TCP port. */
export function port(): z.ZodInt {
  return wholeNumber('a port', 1, 65535);
}

/** A network in CIDR notation, IPv4, without host bits. */
export function cidr(): z.ZodString {
  return scalar('a network such as 10.0.0.0/16', judgeCidr, { examples: ['10.0.0.0/16'] });
}

/** Networks that somebody else's server answers from. @param most how many there may be */
export function serverNetworks(most: number) {
  return z
    .array(cidr())
    .min(1)
    .max(most)
    .exactOptional()
    .describe("Networks that it answers from. Default: every IPv4 address but the cloud's metadata service.");
}

function judgeCidr(text: string): Verdict | undefined {
  const [address = '', bits, ...more] = text.split('/');
  if (isIP(address) === 6) return { message: 'an IPv6 network is not supported here' };
  if (!isIPv4(address) || more.length > 0) return { message: 'no network in CIDR notation' };
  if (bits === undefined) return { message: 'a network has a prefix length', suggestion: `${address}/32` };
  const length = Number(bits);
  if (!/^\d{1,2}$/.test(bits) || length > 32) return { message: 'a prefix length is a whole number from 0 to 32' };
  const value = ipv4(address);
  const base = length === 0 ? 0 : value - (value % 2 ** (32 - length));
  if (base === value) return undefined;
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256);
  return { message: `the address has bits outside its first ${length}`, suggestion: `${octets.join('.')}/${length}` };
}

function ipv4(address: string): number {
  return address.split('.').reduce((value, octet) => value * 256 + Number(octet), 0);
}

/** Whether two networks share an address. */
export function overlap(a: string, b: string): boolean {
  const [first, second] = [a, b].map((text) => {
    const [address = '', bits = '32'] = text.split('/');
    const start = ipv4(address);
    return { start, end: start + 2 ** (32 - Number(bits)) };
  });
  return first !== undefined && second !== undefined && first.start < second.end && second.start < first.end;
}
