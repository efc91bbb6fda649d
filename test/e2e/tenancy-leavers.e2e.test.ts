import { synthesize } from '../../constructs';
import { at } from '../support/objects';
import { TestAuthority } from './support/certificate-authority';
import { type ApiAnswer, LocalApiServer } from './support/local-api-server';
import type { Outcome } from './support/tenancy-attempts';
import { applyTo, bareCluster, declareTenancy, member, namespaceOf, outcomeOf } from './support/tenancy-cluster';
import { expectDocumented, testTrials, type Trial, tryAll } from './support/tenancy-table';
import { authenticationOf, TokenIssuer } from './support/token-issuer';
import { eventually, sleep } from './support/waiting';

/**
 * What somebody who was removed can still do at the API server, with real tokens of a provider: where nothing else was done, and where
 * administrators did what the documentation says of people who leave.
 */

const PREFIX = 'oidc:';

interface Subject {
  /** Who was removed: the same name never twice. */
  readonly name: string;
  /** A token of theirs that has not ended. */
  readonly token: string;
  /** A token of a service account that they made and gave their rights to. */
  readonly accountToken: string;
}

let authority: TestAuthority;
let issuer: TokenIssuer;
let cluster: LocalApiServer;
const parts = declareTenancy();
const onyxiaNamespace = parts.onyxia.metadata.namespace ?? '';

const tokenOf = (name: string, claims: Readonly<Record<string, unknown>> = {}) =>
  issuer.sign({ aud: ['onyxia'], preferred_username: name, groups: [], ...claims });

/** Asks with a token, once. */
async function ask(token: string, method: string, path: string, body?: unknown): Promise<ApiAnswer> {
  const client = cluster.tokenClient(token);
  try {
    return await client.send(method, path, body, method === 'PATCH' ? 'application/merge-patch+json' : undefined);
  } finally {
    client.close();
  }
}

const judged = (answer: ApiAnswer): Outcome => (answer.status === 401 ? 'Kubernetes' : outcomeOf(answer));
const pods = (name: string) => `/api/v1/namespaces/user-${name}/pods`;
const rolebindings = (name: string) => `/apis/rbac.authorization.k8s.io/v1/namespaces/user-${name}/rolebindings`;

async function asOnyxia(method: string, path: string, body: unknown): Promise<ApiAnswer> {
  const client = await cluster.accountClient(onyxiaNamespace, parts.onyxia.name);
  try {
    return await client.send(method, path, body, method === 'PATCH' ? 'application/merge-patch+json' : undefined);
  } finally {
    client.close();
  }
}

/** What Onyxia does when somebody logs in: it writes the binding, whether there is one or not. */
async function bind(name: string): Promise<ApiAnswer> {
  const body = member(`user-${name}`, 'User', `${PREFIX}${name}`);
  const made = await asOnyxia('POST', rolebindings(name), body);
  return made.status === 409 ? asOnyxia('PATCH', `${rolebindings(name)}/full_control_namespace`, body) : made;
}

const TRIALS: readonly Trial<Subject>[] = (
  [
    [
      'was removed and goes on with a token that has not ended',
      async ({ name, token }: Subject) => judged(await ask(token, 'GET', pods(name))),
      'RBAC',
      'allowed',
    ],
    [
      'was removed and goes on with the token of a service account that it made',
      async ({ name, accountToken }: Subject) => judged(await ask(accountToken, 'GET', pods(name))),
      'RBAC',
      'allowed',
    ],
    [
      'was removed and comes with a token that has ended',
      async ({ name }: Subject) => {
        const now = Math.floor(Date.now() / 1000);
        return judged(await ask(tokenOf(name, { iat: now - 600, exp: now - 1 }), 'GET', pods(name)));
      },
      'Kubernetes',
      'Kubernetes',
    ],
    [
      'comes new with the name of somebody who left, and gets the space at Onyxia',
      async ({ name }: Subject) => judged(await bind(name)),
      'space-members',
      'allowed',
    ],
    [
      'comes new with the name of somebody who left, and reads what is there',
      async ({ name }: Subject) => judged(await ask(tokenOf(name, { sub: 'somebody-else' }), 'GET', pods(name))),
      'RBAC',
      'allowed',
    ],
    [
      'opens through Onyxia a space that was closed',
      async ({ name }: Subject) =>
        judged(
          await asOnyxia('PATCH', `/api/v1/namespaces/user-${name}`, {
            metadata: { labels: { 'bouture.dev/closed': null } },
          }),
        ),
      'space-names',
      'allowed',
    ],
  ] as const
).map(([what, act, now, without]) => ({ test: 'T30', what, act, without, with: now }));

/** Somebody works here, and is then removed at the provider. */
async function worked(name: string): Promise<Subject> {
  const labels = { ...parts.spaces.namespaceLabels, onyxia_owner: name };
  const made = await asOnyxia('POST', '/api/v1/namespaces', namespaceOf(`user-${name}`, labels));
  if (outcomeOf(made) !== 'allowed') throw new Error(outcomeOf(made));
  const bound = await bind(name);
  if (outcomeOf(bound) !== 'allowed') throw new Error(outcomeOf(bound));
  const token = tokenOf(name);
  const group = 'rbac.authorization.k8s.io';
  const own = {
    apiVersion: `${group}/v1`,
    kind: 'RoleBinding',
    metadata: { name: 'robot' },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'edit' },
    subjects: [{ kind: 'ServiceAccount', name: 'robot' }],
  };
  const accounts = `/api/v1/namespaces/user-${name}/serviceaccounts`;
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 86_400 } };
  for (const [path, body] of [
    [accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } }],
    [rolebindings(name), own],
  ] as const) {
    const answer = await eventually('rights', async () => {
      const answer = await ask(token, 'POST', path, body);
      return answer.status < 300 && answer;
    });
    expect(answer.status).toBe(201);
  }
  const { body } = await ask(token, 'POST', `${accounts}/robot/token`, request);
  return { name, token, accountToken: String(at(body, 'status', 'token')) };
}

let without: readonly Outcome[];
let withThem: readonly Outcome[];

beforeAll(async () => {
  authority = new TestAuthority();
  issuer = await TokenIssuer.start(authority.issue('issuer', 'IP:127.0.0.1'));
  cluster = await LocalApiServer.create(authenticationOf(issuer, authority));
  await applyTo(cluster, bareCluster(parts.onyxia));
  without = await tryAll(TRIALS, await worked('first'));

  await applyTo(
    cluster,
    synthesize(parts.platform).objects.map(({ manifest }) => manifest),
  );
  const second = await worked('second');
  // what docs/people.md says of people who leave
  await cluster.kubectl(['label', 'namespace', 'user-second', 'bouture.dev/closed=true']);
  await eventually('the policies to hold', async () => outcomeOf(await bind('second')) === 'space-members');
  await cluster.kubectl(['delete', 'rolebindings', '--all', '--namespace', 'user-second']);
  // The API server hears of it by a watch.
  await eventually(
    'the bindings to be gone',
    async () => (await ask(second.token, 'GET', pods('second'))).status === 403,
  );
  withThem = await tryAll(TRIALS, second);
}, 300_000);

afterAll(async () => {
  await cluster.dispose();
  await issuer.stop();
  authority.remove();
});

testTrials(TRIALS, () => ({ without, with: withThem }));

test('a token opens nothing any more ten seconds after it has ended', async () => {
  const end = Math.floor(Date.now() / 1000) + 5;
  const token = tokenOf('second', { exp: end });
  const review = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
  };
  expect((await ask(token, 'POST', review, body)).status).toBe(201);
  // the API server remembers for ten seconds that it has accepted a token
  while (Date.now() < (end + 11) * 1000) await sleep(500);
  expect((await ask(token, 'POST', review, body)).status).toBe(401);
});

test('docs/tenancy.md tells what was seen', () => {
  expectDocumented(TRIALS);
});
