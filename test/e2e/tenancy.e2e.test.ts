import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type KubernetesManifest, synthesize } from '../../constructs';
import { programPath } from '../../tools/cluster/programs';
import { at, listAt } from '../support/objects';
import { attempt, start as startCommand } from './support/commands';
import { type ApiClient, ADMINISTRATOR, LocalApiServer } from './support/local-api-server';
import { ARGO_ATTEMPTS, workflow } from './support/tenancy-argo-attempts';
import { type Attempt, ATTEMPTS, BREAKS_RESTRICTED, type Outcome, OWN, pod } from './support/tenancy-attempts';
import {
  applyTo,
  BARE_ARGO_ROLE,
  bareCluster,
  declareTenancy,
  namespaceOf,
  outcomeOf,
} from './support/tenancy-cluster';
import { expectDocumented, testTrials } from './support/tenancy-table';
import { eventually, sleep } from './support/waiting';

/**
 * Two people, a project and Onyxia's account, against a real API server: first as Onyxia leaves a cluster, then with the guards and
 * policies of this library. No Pod runs; what a network lets through is for the tests on the embedded cluster.
 */
let cluster: LocalApiServer;
let clients: Readonly<Record<'alpha' | 'beta' | 'editor' | 'onyxia' | 'admin', ApiClient>>;
const ended: (() => Promise<void> | void)[] = [];
const parts = declareTenancy();
const { objects } = synthesize(parts.platform);
const manifests = objects.map(({ manifest }) => manifest);
/** Everything that is tried dry. */
const EVERYTHING = [...ATTEMPTS, ...ARGO_ATTEMPTS];

const send = (one: Pick<Attempt, 'as' | 'method' | 'path' | 'body'>, query = '?dryRun=All') =>
  clients[one.as ?? 'alpha'].send(
    one.method,
    `${encodeURI(one.path)}${query}`,
    one.body,
    one.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
  );

const apply = (list: readonly object[]) => applyTo(cluster, list);

/** Calls something with the keeper's script and its environment, in a folder with its files; times are those of a test. */
async function withKeeper<T>(
  list: readonly KubernetesManifest[],
  work: (script: string, env: Record<string, string>) => Promise<T>,
): Promise<T> {
  const of = (kind: string) => list.find((one) => one.kind === kind && one.metadata.name.startsWith('spaces-keeper'));
  const folder = mkdtempSync(join(tmpdir(), 'bouture-keeper-'));
  try {
    for (const [file, text] of Object.entries(at(of('ConfigMap'), 'data') as Record<string, string>)) {
      writeFileSync(join(folder, file), text);
    }
    const given = listAt(of('Deployment'), 'spec', 'template', 'spec', 'containers', 0, 'env') as {
      name: string;
      value: string;
    }[];
    return await work(join(folder, 'keep.sh'), {
      ...Object.fromEntries(
        given.map(({ name, value }) => [name, /^\/(etc\/spaces|tmp)$/.test(value) ? folder : value]),
      ),
      INTERVAL: '1',
      KUBECONFIG: await cluster.accountKubeconfig('demo-spaces', 'spaces-keeper'),
      PATH: `${dirname(programPath('kubectl'))}${delimiter}${process.env['PATH'] ?? ''}`,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs one full round of the keeper. */
async function keep(list: readonly KubernetesManifest[]): Promise<{ readonly code: unknown; readonly output: string }> {
  return withKeeper(list, (script, env) => attempt('bash', [script, 'once'], { env }));
}

/** Waits until the API server has read the policies. */
async function untilPoliciesHold(): Promise<void> {
  const refused = ATTEMPTS.filter(({ with: outcome }) =>
    ['devices', 'space-names', 'routes', 'volumes'].includes(outcome),
  );
  await eventually(
    'the policies to hold',
    async () => {
      for (const one of refused) {
        const outcome = outcomeOf(await send(one));
        if (outcome !== one.with) throw new Error(`"${one.what}" is ${outcome}, not ${one.with}`);
      }
      return true;
    },
    { seconds: 30, everySeconds: 1 },
  );
}

/** Waits until the roles of Kubernetes have the rights that others add to them. */
async function untilRightsHold(when: 'without' | 'with'): Promise<void> {
  const added = EVERYTHING.filter(({ what }) =>
    [/^makes an HTTPRoute$/, /^makes an Application .*(own|`edit`)/, /^makes a Workflow in the own/].some((one) =>
      one.test(what),
    ),
  );
  await eventually('aggregated rights', async () => {
    for (const one of added) if (outcomeOf(await send(one)) !== one[when]) return false;
    return true;
  });
}

async function everyOutcome(): Promise<Outcome[]> {
  const found: Outcome[] = [];
  for (const one of EVERYTHING) found.push(outcomeOf(await send(one)));
  return found;
}

async function allowedVerbs(client: ApiClient, namespaced: boolean, namespace?: string): Promise<string[]> {
  const list = await cluster.kubectl(['api-resources', `--namespaced=${namespaced}`, '--output', 'name']);
  const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
  const allowed: string[] = [];
  for (const resource of list.trim().split('\n')) {
    const [name = '', ...parts] = resource.split('.');
    for (const verb of verbs) {
      const { body } = await client.send('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: {
          resourceAttributes: {
            verb,
            resource: name,
            group: parts.join('.'),
            ...(namespace === undefined ? {} : { namespace }),
          },
        },
      });
      if (at(body, 'status', 'allowed') === true) allowed.push(`${verb} ${resource}`);
    }
  }
  return allowed;
}

/** Makes many objects for good, and tells who stopped it and after how many; removes them again. */
async function fill(
  count: number,
  path: string,
  body: object,
): Promise<{ readonly made: number; readonly stoppedBy: Outcome }> {
  let made = 0;
  let stoppedBy = 'allowed';
  for (let index = 0; index < count && stoppedBy === 'allowed'; index++) {
    const metadata = { name: `many-${index}`, labels: { many: 'yes' } };
    stoppedBy = outcomeOf(await send({ method: 'POST', path, body: { ...body, metadata } }, ''));
    if (stoppedBy === 'allowed') made++;
  }
  await clients.alpha.send('DELETE', `${path}?labelSelector=many`);
  return { made, stoppedBy };
}

/** T13: what is asked beyond a quota, made for good and removed again. */
async function overask(): Promise<Record<string, unknown>> {
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'huge' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Ti' } } },
  };
  const tries = {
    'a claim of 10Ti': ['persistentvolumeclaims', claim],
    'a Pod with a GPU': ['pods', pod('huge', {}, { resources: { limits: { 'nvidia.com/gpu': '1' } } })],
    'a Pod of 1,000 CPU': ['pods', pod('huge', {}, { resources: { limits: { cpu: '1000' } } })],
  } as const;
  const found: Record<string, unknown> = {};
  for (const [what, [resource, body]] of Object.entries(tries)) {
    found[what] = outcomeOf(await send({ method: 'POST', path: `/api/v1/namespaces/${OWN}/${resource}`, body }, ''));
    await clients.admin.send('DELETE', `/api/v1/namespaces/${OWN}/${resource}/huge?gracePeriodSeconds=0`);
  }
  const config = { apiVersion: 'v1', kind: 'ConfigMap' };
  found['1,000 ConfigMaps'] = (await fill(1000, `/api/v1/namespaces/${OWN}/configmaps`, config)).stoppedBy;
  const workflows = `/apis/argoproj.io/v1alpha1/namespaces/${OWN}/workflows`;
  found['300 Workflows'] = (await fill(300, workflows, workflow('many'))).stoppedBy;
  const plain = await send({ method: 'POST', path: `/api/v1/namespaces/${OWN}/pods`, body: pod('plain') });
  found['limits of a Pod that states none'] =
    at(plain.body, 'spec', 'containers', 0, 'resources', 'limits', 'memory') ?? 'none';
  return found;
}

/** What a person does, by which way, and whom the audit log should name. */
const AUDITED: readonly {
  readonly what: string;
  readonly by: 'alpha' | 'onyxia';
  readonly impersonating?: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly named: string;
}[] = [
  {
    what: 'is refused the Secrets of all namespaces (T02)',
    by: 'alpha',
    method: 'GET',
    path: '/api/v1/secrets',
    named: 'names oidc:alpha',
  },
  {
    what: 'is refused the removal of a guard (T04)',
    by: 'alpha',
    method: 'DELETE',
    path: `/apis/networking.k8s.io/v1/namespaces/${OWN}/networkpolicies/default-deny?dryRun=All&by=alpha`,
    named: 'names oidc:alpha, managed-objects',
  },
  {
    what: 'is refused a privileged Pod (T08)',
    by: 'alpha',
    method: 'POST',
    path: `/api/v1/namespaces/${OWN}/pods?dryRun=All&by=alpha`,
    body: pod('privileged', {}, { securityContext: { privileged: true } }),
    named: 'names oidc:alpha, Pod Security',
  },
  {
    what: 'is refused those Secrets through Onyxia, which passes the name on',
    by: 'onyxia',
    impersonating: 'oidc:alpha',
    method: 'GET',
    path: '/api/v1/secrets?through=onyxia',
    named: 'names oidc:alpha by Onyxia',
  },
  {
    what: 'is refused those Secrets through Onyxia, which asks with its own account',
    by: 'onyxia',
    method: 'GET',
    path: '/api/v1/secrets?through=onyxia-itself',
    named: 'names Onyxia alone',
  },
];

/** Does all that, and tells whom the audit log names for it. */
async function audited(): Promise<Outcome[]> {
  const account = `system:serviceaccount:${parts.onyxia.metadata.namespace ?? ''}:${parts.onyxia.name}`;
  const found: Outcome[] = [];
  for (const { by, impersonating, method, path, body } of AUDITED) {
    const headers = impersonating === undefined ? {} : { 'Impersonate-User': impersonating };
    await clients[by].send(method, path, body, 'application/json', headers);
    const event = cluster.auditEvents().find(({ requestURI }) => requestURI === path);
    if (event === undefined) {
      found.push('no event');
      continue;
    }
    const { user, impersonatedUser, annotations = {} } = event;
    const person = (impersonatedUser ?? user).username;
    const refusals = Object.entries(annotations).join('\n');
    const policy = /"policy":"demo-([a-z-]+)"/.exec(refusals)?.[1];
    const reason = policy ?? (refusals.includes('pod-security.kubernetes.io/enforce-policy') ? 'Pod Security' : '');
    found.push(
      `names ${person === account ? 'Onyxia alone' : person}${impersonatedUser === undefined ? '' : ' by Onyxia'}` +
        (reason === '' ? '' : `, ${reason}`),
    );
  }
  return found;
}

let without: {
  readonly outcomes: Outcome[];
  readonly overask: Record<string, unknown>;
  readonly audited: Outcome[];
};
let withThem: typeof without;
let isolation: Record<string, Outcome>;

beforeAll(async () => {
  cluster = await LocalApiServer.create();
  ended.push(() => cluster.dispose());
  await apply([...bareCluster(parts.onyxia), ...manifests.filter(({ kind }) => kind === 'CustomResourceDefinition')]);
  clients = {
    alpha: cluster.client({ name: 'oidc:alpha', groups: ['oidc:g1'] }),
    beta: cluster.client({ name: 'oidc:beta' }),
    editor: await cluster.accountClient(OWN, 'editor'),
    onyxia: await cluster.accountClient(parts.onyxia.metadata.namespace ?? '', parts.onyxia.name),
    admin: cluster.client(ADMINISTRATOR),
  };
  ended.unshift(
    ...Object.values(clients).map((client) => () => {
      client.close();
    }),
  );
  await cluster.kubectl(['wait', '--for=condition=Established', 'customresourcedefinitions', '--all']);
  await untilRightsHold('without');
  without = { outcomes: await everyOutcome(), overask: await overask(), audited: await audited() };

  await cluster.startAuditing();
  await apply(manifests);
  await cluster.kubectl(['delete', 'clusterrole', BARE_ARGO_ROLE]);
  await untilRightsHold('with');
  const labels = Object.entries(parts.spaces.namespaceLabels).map(([key, value]) => `${key}=${value}`);
  await cluster.kubectl(['label', 'namespace', 'user-alpha', 'user-beta', ...labels]);
  await untilPoliciesHold();
  const start = () => clients.beta.send('POST', '/api/v1/namespaces/user-beta/pods?dryRun=All', pod('early'));
  await eventually('the guard of Pods', async () => outcomeOf(await start()) !== 'allowed');
  const elsewhere = '/api/v1/namespaces/kube-system/pods?dryRun=All';
  isolation = {
    'no guards yet': outcomeOf(await start()),
    'where nobody has a space': outcomeOf(await clients.admin.send('POST', elsewhere, pod('early'))),
  };
  const kept = await keep(manifests);
  if (kept.code !== 0) throw new Error(`the keeper failed:\n${kept.output}`);
  await eventually('the guards of user-beta', async () => outcomeOf(await start()) === 'allowed', { seconds: 30 });
  isolation['once the keeper has been'] = outcomeOf(await start());
  // The kinds of Argo are counted once the quota controller has come to know them, which it looks for every half minute, and the API
  // server has heard of its count.
  const counted = ARGO_ATTEMPTS.filter((one) => one.with === 'allowed');
  await eventually(
    'quotas to be counted',
    async () => {
      const answers = await Promise.all(counted.map((one) => send(one)));
      return answers.every(({ body }) => !JSON.stringify(body).includes('status unknown for quota'));
    },
    { seconds: 360 },
  );
  withThem = { outcomes: await everyOutcome(), overask: await overask(), audited: await audited() };
}, 300_000);

afterAll(async () => {
  for (const end of ended) await end();
});

test('T01: no right on anything that belongs to the whole cluster', async () => {
  expect((await allowedVerbs(clients.alpha, false)).sort()).toEqual([
    'create selfsubjectaccessreviews.authorization.k8s.io',
    'create selfsubjectreviews.authentication.k8s.io',
    'create selfsubjectrulesreviews.authorization.k8s.io',
  ]);
});

test.each(['user-beta', 'demo-spaces', 'demo-onyxia', 'kube-system'])('T02: no right in %s', async (namespace) => {
  expect(await allowedVerbs(clients.alpha, true, namespace)).toEqual([]);
});

test('a member of a group has its space, and nobody else', async () => {
  const rights = await allowedVerbs(clients.alpha, true, 'projet-g1');
  expect(rights).toContain('create pods');
  expect(rights).not.toContain('patch resourcequotas');
  expect(await allowedVerbs(clients.beta, true, 'projet-g1')).toEqual([]);
});

testTrials(EVERYTHING, () => ({ without: without.outcomes, with: withThem.outcomes }));

test('T08: what breaks restricted only is warned of in a space, and refused in a namespace of the platform', async () => {
  const answers = await Promise.all(
    Object.values(BREAKS_RESTRICTED).map(async (body) => {
      const inSpace = await send({ method: 'POST', path: `/api/v1/namespaces/${OWN}/pods`, body });
      const inPlatform = await send({ as: 'admin', method: 'POST', path: '/api/v1/namespaces/demo-spaces/pods', body });
      return [outcomeOf(inSpace), inSpace.warnings.some((text) => text.includes('restricted')), outcomeOf(inPlatform)];
    }),
  );
  expect(new Set(answers.map((one) => JSON.stringify(one)))).toEqual(
    new Set([JSON.stringify(['allowed', true, 'Pod Security'])]),
  );
});

test('T13: quotas refuse what goes beyond, limits fill in what is missing', () => {
  expect(without.overask).toEqual({
    'a claim of 10Ti': 'allowed',
    'a Pod with a GPU': 'allowed',
    'a Pod of 1,000 CPU': 'allowed',
    '1,000 ConfigMaps': 'allowed',
    '300 Workflows': 'allowed',
    'limits of a Pod that states none': 'none',
  });
  expect(withThem.overask).toEqual({
    'a claim of 10Ti': 'quota',
    'a Pod with a GPU': 'quota',
    'a Pod of 1,000 CPU': 'quota',
    '1,000 ConfigMaps': 'quota',
    '300 Workflows': 'quota',
    'limits of a Pod that states none': '2Gi',
  });
});

test('T32: what is refused stands in the audit log with the name of the person', () => {
  expect(without.audited).toEqual(AUDITED.map(() => 'no event'));
  expect(withThem.audited).toEqual(AUDITED.map(({ named }) => named));
});

test('T32: so does every other refusal', () => {
  const events = cluster.auditEvents();
  const missing = EVERYTHING.filter(({ as = 'alpha', path }, index) => {
    if (as !== 'alpha' || ['allowed', 'absent'].includes(withThem.outcomes[index] ?? '')) return false;
    const uri = `${encodeURI(path)}?dryRun=All`;
    return !events.some(
      ({ requestURI, user, responseStatus }) =>
        requestURI === uri && user.username === 'oidc:alpha' && (responseStatus?.code ?? 0) >= 400,
    );
  });
  expect(missing).toEqual([]);
});

test('no Pod starts before the network of its space is closed', () => {
  expect(isolation).toEqual({
    'no guards yet': 'space-is-being-prepared-try-again-in-a-minute',
    'where nobody has a space': 'allowed',
    'once the keeper has been': 'allowed',
  });
});

describe('what goes on by itself is not held up', () => {
  const get = async (...args: readonly string[]) =>
    JSON.parse(await cluster.kubectl(['get', ...args, '--output', 'json'])) as object;

  test('Kubernetes finds no fault with an expression of a policy', async () => {
    const policies = await eventually('the types of expressions to be checked', async () => {
      const { items } = (await get('validatingadmissionpolicies')) as { items: readonly object[] };
      return items.every((one) => at(one, 'status', 'observedGeneration') === 1) && items;
    });
    expect(policies.length).toBeGreaterThan(10);
    const warnings = policies.flatMap((one) => at(one, 'status', 'typeChecking', 'expressionWarnings') ?? []);
    expect(warnings).toEqual([]);
  });

  test('T09: a Deployment whose Pods are refused gets none, and says why', async () => {
    const deployment = (name: string, spec: unknown) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: OWN },
      spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec } },
    });
    const cases = {
      sound: pod('x')['spec'],
      privileged: pod('x', {}, { securityContext: { privileged: true } })['spec'],
      placed: pod('x', { nodeName: 'node-1' })['spec'],
    };
    for (const [name, spec] of Object.entries(cases)) {
      const body = deployment(name, spec);
      expect(
        outcomeOf(await send({ method: 'POST', path: `/apis/apps/v1/namespaces/${OWN}/deployments`, body }, '')),
      ).toBe('allowed');
    }
    const condition = async (name: string) => {
      const found = (at(await get('deployment', name, '--namespace', OWN), 'status', 'conditions') ?? []) as object[];
      const message = at(
        found.find((one) => at(one, 'type') === 'ReplicaFailure'),
        'message',
      );
      return typeof message === 'string' ? message : '';
    };
    await eventually(
      'the controllers',
      async () => (await condition('privileged')) !== '' && (await condition('placed')) !== '',
    );
    expect(await condition('privileged')).toContain('violates PodSecurity');
    expect(await condition('placed')).toContain('A Pod that names its node (spec.nodeName) goes round the scheduler');
    const pods = async (name: string) =>
      (await get('pods', '--namespace', OWN, '--selector', `app=${name}`)) as { items: object[] };
    expect((await pods('sound')).items).toHaveLength(1);
    expect([...(await pods('privileged')).items, ...(await pods('placed')).items]).toEqual([]);
  });

  test('claims are bound to volumes by the controller', async () => {
    await apply([
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: 'disk' },
        provisioner: 'example.org/none',
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: 'disk-1' },
        spec: {
          capacity: { storage: '1Gi' },
          accessModes: ['ReadWriteOnce'],
          storageClassName: 'disk',
          nfs: { server: 'nfs.example.org', path: '/' },
        },
      },
    ]);
    const body = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'disk', resources: { requests: { storage: '1Gi' } } },
    };
    await send({ method: 'POST', path: `/api/v1/namespaces/${OWN}/persistentvolumeclaims`, body }, '');
    await eventually(
      'the claim',
      async () => at(await get('pvc', 'data', '--namespace', OWN), 'status', 'phase') === 'Bound',
    );
  });

  test('T14: an image by its content is private too, wherever people may have images from', async () => {
    await cluster.kubectl(['delete', 'validatingadmissionpolicybinding', 'demo-registries']);
    const start = async (image: string) => {
      const body = pod('by-content', {}, { image, imagePullPolicy: 'IfNotPresent' });
      return outcomeOf(await send({ method: 'POST', path: `/api/v1/namespaces/${OWN}/pods`, body }));
    };
    const contents = [`sha256:${'0123456789abcdef'.repeat(4)}`, '0123456789ab', 'sha256:0123'];
    await eventually('the registries to be free', async () => (await start('busybox:1.37')) === 'allowed');
    for (const image of contents) {
      expect([image, await start(image)]).toEqual([image, 'private-images']);
    }
    for (const image of ['busybox:1.37', 'postgres', 'inseefrlab/onyxia-jupyter-python:py3.13.13']) {
      expect([image, await start(image)]).toEqual([image, 'allowed']);
    }
    await apply(manifests.filter(({ metadata }) => metadata.name === 'demo-registries'));
  });

  test('a namespace is removed with everything in it', async () => {
    await cluster.kubectl(['delete', 'namespace', 'user-beta', '--timeout=60s']);
  });
});

describe('the keeper', () => {
  const rules = async (namespace: string, name: string) =>
    at(
      JSON.parse(await cluster.kubectl(['get', 'networkpolicy', name, '--namespace', namespace, '--output', 'json'])),
      'spec',
      'egress',
    );

  const make = (name: string, owner: string) =>
    send(
      {
        as: 'onyxia',
        method: 'POST',
        path: '/api/v1/namespaces',
        body: namespaceOf(name, { ...parts.spaces.namespaceLabels, onyxia_owner: owner }),
      },
      '',
    );

  test('gives every new space its guards, a project’s that nobody declared too, and leaves all others alone', async () => {
    expect(outcomeOf(await make('user-gamma', 'gamma'))).toBe('allowed');
    expect(outcomeOf(await make('projet-g2', 'g2'))).toBe('allowed');
    const { code, output } = await keep(manifests);
    expect({ code, output: output.trim().split('\n').sort() }).toEqual({
      code: 0,
      output: ['projet-g2', 'user-alpha', 'user-gamma'].map((name) => `space "${name}" is as the template says`),
    });
    const quota = await cluster.kubectl([
      'get',
      'resourcequota',
      'platform',
      '--namespace',
      'projet-g2',
      '--output',
      'json',
    ]);
    expect(at(JSON.parse(quota), 'spec', 'hard', 'requests.storage')).toBe('500Gi');
  });

  test('took a default-deny that was open back', async () => {
    expect(await rules(OWN, 'default-deny')).toBeUndefined();
  });

  test('closes a hole that is no longer declared', async () => {
    const opened = synthesize(declareTenancy('internet').platform).objects.map(({ manifest }) => manifest);
    expect((await keep(opened)).code).toBe(0);
    expect(await rules(OWN, 'allow-out')).toHaveLength(2);
    expect((await keep(manifests)).code).toBe(0);
    expect(await rules(OWN, 'allow-out')).toBeUndefined();
  });

  test('looks again and again, and writes only what is new', async () => {
    const output = await withKeeper(manifests, async (script, env) => {
      const keeper = startCommand('bash', [script], { env });
      try {
        await eventually('the first round', async () => Promise.resolve(existsSync(join(env['STATE'] ?? '', 'ready'))));
        await make('user-delta', 'delta');
        await eventually('the new space', async () => Promise.resolve(keeper.output.includes('"user-delta"')));
        await eventually('another round', async () => {
          const before = statSync(join(env['STATE'] ?? '', 'ready')).mtimeMs;
          await sleep(1500);
          return statSync(join(env['STATE'] ?? '', 'ready')).mtimeMs > before;
        });
      } finally {
        await keeper.stop();
      }
      return keeper.output;
    });
    expect(output.trim().split('\n').sort()).toEqual(
      ['projet-g2', 'user-alpha', 'user-delta', 'user-gamma'].map((name) => `space "${name}" is as the template says`),
    );
    expect(await rules('user-delta', 'default-deny')).toBeUndefined();
  });

  test('says what it cannot write, goes on with the others, and is not ready', async () => {
    const deny = { apiGroups: [''], resources: ['limitranges'], verbs: ['get', 'list'] };
    const role = JSON.parse(
      await cluster.kubectl(['get', 'clusterrole', 'demo-spaces-keeper', '--output', 'json']),
    ) as {
      rules: { resources: string[] }[];
    };
    const rest = role.rules.filter(({ resources }) => !resources.includes('limitranges'));
    await cluster.kubectl(['replace', '--filename', '-'], { ...role, rules: [...rest, deny] });
    const { code, output } = await keep(manifests);
    await cluster.kubectl(['replace', '--filename', '-'], { ...role, metadata: { name: 'demo-spaces-keeper' } });
    expect(code).toBe(1);
    expect(output).toContain('space "user-alpha" could not be written:');
    expect(output).toContain('space "user-gamma" could not be written:');
    expect(output).toContain('limitranges "platform" is forbidden');
  });

  test('writes nowhere but in spaces', async () => {
    const keeper = await cluster.accountClient('demo-spaces', 'spaces-keeper');
    const body = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'platform' },
      spec: { hard: { pods: '0' } },
    };
    const write = (namespace: string) =>
      keeper.send('POST', `/api/v1/namespaces/${namespace}/resourcequotas?dryRun=All`, body);
    expect(outcomeOf(await write('kube-system'))).toBe('keeper-scope');
    expect((await write(OWN)).status).toBe(409);
    keeper.close();
  });
});

test('new spaces start Pods also after the policy was without its binding for a while', async () => {
  const name = 'demo-space-is-being-prepared-try-again-in-a-minute';
  await cluster.kubectl(['delete', 'validatingadmissionpolicybinding', name]);
  // The API server forgets within a second what a policy without a binding reads.
  await sleep(4000);
  await apply(manifests.filter(({ metadata }) => metadata.name === name));
  const space = namespaceOf('user-epsilon', { ...parts.spaces.namespaceLabels, onyxia_owner: 'epsilon' });
  expect((await clients.onyxia.send('POST', '/api/v1/namespaces', space)).status).toBe(201);
  const member = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'full_control_namespace' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'oidc:epsilon' }],
  };
  const bindings = '/apis/rbac.authorization.k8s.io/v1/namespaces/user-epsilon/rolebindings';
  expect((await clients.onyxia.send('POST', bindings, member)).status).toBe(201);
  const epsilon = cluster.client({ name: 'oidc:epsilon' });
  const start = () => epsilon.send('POST', '/api/v1/namespaces/user-epsilon/pods?dryRun=All', pod('early'));
  await eventually('the policy to hold again', async () => outcomeOf(await start()) === name.replace('demo-', ''));
  expect((await keep(manifests)).code).toBe(0);
  await eventually('the first Pod', async () => outcomeOf(await start()) === 'allowed', { seconds: 30 });
  epsilon.close();
});

test('docs/tenancy.md tells what was seen', () => {
  expectDocumented([
    ...EVERYTHING.map(({ test, what }, index) => ({
      test,
      what,
      without: without.outcomes[index] ?? '',
      with: withThem.outcomes[index] ?? '',
    })),
    ...AUDITED.map(({ what }, index) => ({
      test: 'T32',
      what,
      without: without.audited[index] ?? '',
      with: withThem.audited[index] ?? '',
    })),
  ]);
});
