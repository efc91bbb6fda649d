import { hasRegistryHost, parseImageReference } from '../../constructs/platform';
import { fail, ok, type Result, warn } from './result';

const TIMEOUT_SECONDS = 10;
const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * Whether a registry has each image, asked from this machine. The nodes may see another network, so a registry that does not
 * answer is a warning; one that answers that it has no such image is a failure.
 */
export async function checkImages(references: readonly string[]): Promise<readonly Result[]> {
  const answers = await Promise.all(references.map(async (reference) => ({ reference, answer: await ask(reference) })));
  const present = answers.filter(({ answer }) => answer === 'present');
  const results = answers.flatMap(({ reference, answer }) => {
    if (answer === 'present') return [];
    if (answer === 'absent') {
      const remedy = 'push it there, or name another registry as images.mirror; `npx bouture images CONFIG` lists all';
      return [fail('image', `the registry has no ${reference}`, remedy)];
    }
    return [warn('image', `${reference}: ${answer}`, 'make sure that the nodes can pull it')];
  });
  return present.length === 0 ? results : [ok('images', `${present.length} in their registries`), ...results];
}

async function ask(reference: string): Promise<'present' | 'absent' | (string & {})> {
  const parts = parseImageReference(reference);
  if (parts === undefined) return 'is not an image reference';
  const { repository, tag, digest } = parts;
  const full = hasRegistryHost(repository) ? repository : `docker.io/${repository}`;
  const [host, path] = [full.slice(0, full.indexOf('/')), full.slice(full.indexOf('/') + 1)];
  const server = host === 'docker.io' ? 'registry-1.docker.io' : host;
  const scheme = /^(localhost|127\.|\[::1\])/.test(server) ? 'http' : 'https';
  const url = `${scheme}://${server}/v2/${path}/manifests/${digest ?? tag ?? 'latest'}`;
  try {
    const first = await head(url);
    const response =
      first.status === 401 ? await head(url, await anonymousToken(first.headers.get('www-authenticate'))) : first;
    if (response.ok) return 'present';
    if (response.status === 404) return 'absent';
    if (response.status === 401 || response.status === 403) return 'the registry wants credentials';
    return `the registry answers ${response.status}`;
  } catch (error) {
    return `the registry does not answer from here (${reasonOf(error)})`;
  }
}

function head(url: string, token?: string): Promise<Response> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const signal = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
  return fetch(url, { method: 'HEAD', headers: { accept: MANIFESTS, ...authorization }, signal });
}

/** The token that a registry gives to everybody, by the specification of the Docker registry. @default - none */
async function anonymousToken(challenge: string | null): Promise<string | undefined> {
  const parameters = new Map([...(challenge ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
  const [realm, service, scope] = ['realm', 'service', 'scope'].map((key) => parameters.get(key));
  if (realm === undefined || !realm.startsWith('https://')) return undefined;
  const query = new URLSearchParams({
    ...(service === undefined ? {} : { service }),
    ...(scope === undefined ? {} : { scope }),
  });
  const response = await fetch(`${realm}?${query.toString()}`, { signal: AbortSignal.timeout(TIMEOUT_SECONDS * 1000) });
  const body: unknown = response.ok ? await response.json() : {};
  const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
  return typeof token === 'string' ? token : undefined;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.cause.name : error.message;
}
