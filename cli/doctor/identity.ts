import { Field } from '../../constructs/platform/rules';
import type { NeededIdentityProvider } from './needs';
import { fail, ok, type Result, warn } from './result';

const TIMEOUT_SECONDS = 10;
const TITLE = 'identity provider';

/**
 * Whether an identity provider that somebody else runs is what the platform expects, as far as it tells by itself: its discovery
 * document. What its clients emit, nobody sees without logging in: that is told, one line for each client.
 */
export async function checkIdentityProvider(needed: NeededIdentityProvider): Promise<readonly Result[]> {
  const { issuer, clients, groups } = needed;
  return [
    ...(await checkDiscovery(issuer)),
    ...clients.map(({ clientId, statements }) =>
      warn(`client ${clientId}`, 'nobody sees from here what it emits', `see to it that it ${statements.join('; ')}`),
    ),
    ...(groups.length === 0
      ? []
      : [warn('groups', 'nobody sees from here which there are', `see to it that there are ${groups.join(', ')}`)]),
  ];
}

async function checkDiscovery(issuer: string): Promise<readonly Result[]> {
  const url = `${issuer}/.well-known/openid-configuration`;
  let document: Field;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_SECONDS * 1000) });
    if (!response.ok) return [fail(TITLE, `${url} answers ${response.status}`, 'correct the issuer')];
    document = new Field(await response.json());
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy =
      'see whether this machine can reach it; for a private authority, set NODE_EXTRA_CA_CERTS to its certificate';
    return [warn(TITLE, `${url} cannot be read: ${reason}`, remedy)];
  }
  const said = document.at('issuer').text ?? '';
  if (said !== issuer) {
    return [
      fail(TITLE, `it calls itself "${said}", the configuration "${issuer}"`, 'write the issuer as the provider does'),
    ];
  }
  const lists = (name: string): readonly string[] =>
    document
      .at(name)
      .items()
      .flatMap(({ text }) => text ?? []);
  const methods = lists('code_challenge_methods_supported');
  const algorithms = lists('id_token_signing_alg_values_supported');
  return [
    ok(TITLE, issuer),
    ...(methods.length > 0 && !methods.includes('S256')
      ? [fail(TITLE, `knows PKCE by ${methods.join(', ')} only`, 'switch S256 on: the browser sends it')]
      : []),
    ...(algorithms.length > 0 && !algorithms.some((one) => /^(RS|ES)(256|384|512)$/.test(one))
      ? [fail(TITLE, `signs with ${algorithms.join(', ')} only`, 'let it sign with RS256: every consumer checks that')]
      : []),
    ...(document.at('jwks_uri').text === undefined
      ? [fail(TITLE, 'tells no jwks_uri', 'take an OpenID provider that publishes its keys')]
      : []),
  ];
}
