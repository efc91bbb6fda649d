import type { PeopleSetup } from '../../constructs/storage';
import { OBJECT_STORE_FILE } from '../../blueprints/object-store-document';
import { fail, ok, type Result, warn } from './result';

const TIMEOUT_SECONDS = 10;
const TITLE = 'object store for people';
/** What a server says that has no STS, or has it switched off. */
const NO_STS = ['InvalidAction', 'MethodNotAllowed', 'NotImplemented', 'UnsupportedOperation'];

/**
 * Whether an object store that somebody else runs is what people need, as far as it tells by itself: that it exchanges tokens, and that
 * pages may ask it. Which roles and buckets there are, nobody sees without credentials: that is told, one line for each role.
 */
export async function checkPeopleStore(setup: PeopleSetup): Promise<readonly Result[]> {
  const { roles, buckets, userPrefix, url } = setup;
  const told = `as ${OBJECT_STORE_FILE} says, which bouture synth writes beside the manifests`;
  const places = [`${userPrefix}USERNAME for each person`, ...buckets].join(', ');
  return [
    ...(await checkSts(setup)),
    ...roles.map(({ name, whose }) =>
      warn(`role ${name}`, 'nobody sees from here whether it is there', `make it for ${whose}, ${told}`),
    ),
    warn(`buckets at ${url}`, 'nobody sees from here which there are', `see to it that there are ${places}, ${told}`),
  ];
}

async function checkSts({ stsUrl, roles, cors }: PeopleSetup): Promise<readonly Result[]> {
  const [origin = ''] = cors.CORSRules.flatMap(({ AllowedOrigins }) => AllowedOrigins);
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: roles[0]?.arn ?? '',
    RoleSessionName: 'bouture-doctor',
    // No token: what answers STS says that this is none.
    WebIdentityToken: 'none',
  });
  let response: Response;
  let text: string;
  try {
    const headers = origin === '' ? undefined : { origin };
    const signal = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
    response = await fetch(stsUrl, { method: 'POST', body, signal, ...(headers === undefined ? {} : { headers }) });
    text = await response.text();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy =
      'see whether this machine can reach it; for a private authority, set NODE_EXTRA_CA_CERTS to its certificate';
    return [warn(TITLE, `${stsUrl} cannot be asked: ${reason}`, remedy)];
  }
  const code = /<Code>([^<]+)<\/Code>/.exec(text)?.[1];
  if (code === undefined || NO_STS.includes(code)) {
    const said = code === undefined ? `answers ${response.status} without an error of STS` : `answers ${code}`;
    return [fail(TITLE, `${stsUrl} ${said}`, 'switch STS on there, or correct stsEndpoint')];
  }
  const allowed = response.headers.get('access-control-allow-origin');
  if (origin !== '' && allowed !== '*' && allowed !== origin) {
    return [
      fail(TITLE, `${stsUrl} lets no page of ${origin} call it`, `let it, or the proxy before it, allow that origin`),
    ];
  }
  return [ok(TITLE, stsUrl)];
}
