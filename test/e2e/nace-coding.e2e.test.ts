import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseDocument } from 'yaml';
import { loadConfig } from '../../blueprints/load';
import { WEB_DOMAIN } from '../../tools/cluster/addresses';
import { allImages, platformImages } from '../../tools/cluster/image-manifest';
import { ensureImages } from '../../tools/cluster/images';
import { silentProgress } from '../../tools/cluster/progress';
import { ensurePrograms } from '../../tools/cluster/programs';
import { openBrowser, undisturbed } from './support/browser';
import { ClusterGit } from './support/cluster-git';
import { ClusterLabelStudio, LEGACY_TOKEN } from './support/cluster-label-studio';
import { attempt, ROOT, run } from './support/commands';
import { variant } from './support/configs';
import {
  apply,
  at,
  find,
  get,
  hasCondition,
  jobDone,
  kubectl,
  list,
  listAt,
  secretValue,
  textAt,
} from './support/kubectl';
import {
  begin,
  Client,
  copyRecords,
  dayOf,
  mlflow,
  NAMESPACES,
  type Phrase,
  phrases,
  PLATFORM,
  podLogs,
  recordJson,
  rowsByRequest,
  stepsOf,
  submit,
  succeeded,
  versionOf,
  withStore,
} from './support/nace-coding';
import { boutureOk, CLI, leftovers } from './support/stack';
import { eventually, say, sleep } from './support/waiting';

/**
 * The whole case on the embedded cluster, from a grid of trainings to a rollback: what its people do, in their order. A host of Git in the
 * cluster has the configuration; Argo CD alone deploys the service and the training. The test is the office's pipeline, which renders what is
 * committed, and the person who annotates.
 */

const STACK = 'e2e-nace';
const TOKEN = 'token-of-the-office';
const PICTURES = join(ROOT, 'docs/images/nace-coding');
/** What runs beside the programs of the case. */
const IMAGES = ['argo-cd', 'argo-workflows', 'label-studio', 'minio', 'mlflow', 'postgres'];
/** What passes the gate and is beaten by the next: on the gold set of the nomenclature 0.29 are right, about 0.37, and 0.43 by the configuration's grid. */
const WEAK = [{ dim: '10', epoch: '30' }];
const BETTER = ['17', '18'].flatMap((dim) => ['19', '20'].map((epoch) => ({ dim, epoch })));
const today = dayOf();

let git: ClusterGit;
let labelStudio: ClusterLabelStudio;
let config: string;
let known: readonly Phrase[];
let client: Client;
const clients: Client[] = [];

/** The configuration that is deployed: the shipped one, small, by GitOps, with everything that the loop has. */
function configuration(): string {
  return variant(
    'nace',
    (shipped) => {
      const { coding, monitoring } = shipped as Readonly<
        Record<'coding' | 'monitoring', Readonly<Record<string, object>>>
      >;
      return {
        name: PLATFORM,
        exposure: {
          domain: WEB_DOMAIN,
          gateway: { className: 'traefik', controller: { namespace: 'traefik' }, tls: { secretName: 'web' } },
        },
        training: { grid: { dim: [30, 40], epoch: [40] }, parallelism: 4, minimumAccuracy: 0.2, cpu: '100m' },
        coding: {
          ...coding,
          serves: { version: 1 },
          records: { ...coding['records'], flushSeconds: 5 },
          replicas: { always: 2 },
          limits: { concurrentRequests: 10 },
          resources: { cpu: { request: '50m', limit: '1' }, memory: { request: '256Mi', limit: '1Gi' } },
        },
        monitoring: {
          ...monitoring,
          etl: { masking: 'none' },
          drift: { currentDays: 1, referenceDays: 5 },
          dashboard: { language: 'fr' },
        },
        annotation: {
          labelStudio: {
            url: `http://label-studio.${NAMESPACES.people}.svc`,
            pods: { namespace: NAMESPACES.people },
            token: { secret: 'label-studio', key: 'token' },
          },
          budget: 120,
          annotators: 1,
        },
        retraining: {
          requiredAccuracy: 0.99,
          sustainedDays: 1,
          minimumAnnotations: 60,
          coolDownDays: 0,
          runsPerMonth: 3,
        },
        delivery: {
          repository: {
            url: git.url,
            token: { secret: 'git', key: 'token' },
            pods: { namespace: NAMESPACES.git },
            certificateAuthority: { pem: git.authority.certificate },
          },
          pollSeconds: 10,
          promotion: { shadowRows: 200, author: 'Coding <coding@example.org>' },
        },
      };
    },
    ROOT,
    'blueprints/nace-coding/config.yaml',
  );
}

/** What the office's pipeline does with a commit: it renders what the configuration says, and commits that. */
async function render(): Promise<void> {
  await git.pull();
  const from = join(git.folder, 'config.yaml');
  await run('node', [CLI, 'validate', from]);
  await run('node', [CLI, 'synth', from, '--out', join(git.folder, 'charts-out')]);
  await git.commit('Render');
}

/** The number of the version that the configuration in the repository names. */
async function configured(): Promise<unknown> {
  await git.pull();
  return at(parse(git.read('config.yaml')), 'coding', 'serves', 'version');
}

/** Waits until the service answers with a version, for every Pod. */
async function answersWith(version: string, seconds = 300): Promise<void> {
  await eventually(
    `the service to answer with version ${version}`,
    async () => {
      const deployment = await get('deployment', 'coding', NAMESPACES.coding);
      const [wanted, updated, total] = ['replicas', 'updatedReplicas', 'readyReplicas'].map((field, index) =>
        at(deployment, index === 0 ? 'spec' : 'status', field),
      );
      if (wanted !== updated || wanted !== total || wanted !== at(deployment, 'status', 'replicas')) return false;
      return (await client.version()) === version;
    },
    { seconds, everySeconds: 2 },
  );
}

const texts = (count: number, of: readonly Phrase[] = known): readonly string[] =>
  Array.from({ length: count }, (_, index) => of[(index * 7919) % of.length]?.text ?? '');

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  await ensurePrograms(['mc'], silentProgress);
  const wanted = (name: string) => name.startsWith('nace-') || IMAGES.includes(name);
  await ensureImages(
    platformImages().filter(({ name }) => wanted(name)),
    allImages(),
    silentProgress,
  );
  const images = loadConfig(join(ROOT, 'blueprints/nace-coding/config.yaml')).compose().images;
  git = await ClusterGit.start(NAMESPACES.git, images.get('nace-annotation').reference, TOKEN);
  labelStudio = await ClusterLabelStudio.start(NAMESPACES.people, images.get('label-studio').reference);
  config = configuration();
  known = await phrases();
  const secret = (namespace: string, name: string, token: string) => [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name }, stringData: { token } },
  ];
  const web = await get('secret', 'web', 'traefik');
  await apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACES.gateway } },
    { ...web, metadata: { name: 'web', namespace: NAMESPACES.gateway } },
    ...secret(NAMESPACES.argoCd, 'git', TOKEN),
    ...secret(NAMESPACES.runs, 'git', TOKEN),
    ...secret(NAMESPACES.runs, 'label-studio', LEGACY_TOKEN),
  );
  await git.commit('The configuration of the office', { 'config.yaml': readFileSync(config, 'utf8') });
  await render();
  const { seconds } = await boutureOk(['up', config, '--stack', STACK]);
  say(`up of the coding case: ${seconds.toFixed(0)} s`);
  client = await Client.create();
  clients.push(client);
  // The first time, programs and images are built.
}, 60 * 60_000);

afterAll(async () => {
  for (const each of clients) each.close();
  if (process.env['BOUTURE_E2E_KEEP'] !== undefined) return;
  await boutureOk(['down', config, '--stack', STACK, '--delete-data']);
  await kubectl(['delete', 'namespace', NAMESPACES.git, NAMESPACES.people, '--timeout=120s']);
  git.dispose();
  expect(await leftovers(PLATFORM)).toEqual([]);
}, 20 * 60_000);

/** Each step stands on those before it: after the first that fails there is nothing more to learn. */
let failed: string | undefined;
function step(name: string, act: () => Promise<void>): void {
  test(
    name,
    async () => {
      if (failed !== undefined) throw new Error(`"${failed}" has failed`);
      failed = name;
      const begun = Date.now();
      await act();
      failed = undefined;
      say(`${name}: ${((Date.now() - begun) / 1000).toFixed(0)} s`);
    },
    25 * 60_000,
  );
}

step('Argo CD deploys the service and the training from the repository, and up leaves them to it', async () => {
  const { output } = await boutureOk(['up', config, '--stack', STACK, '--preview', '--expect-no-changes']);
  expect(output).toContain('nothing would change');
  await eventually('the training', async () => find('workflowtemplate', 'training', NAMESPACES.runs), { seconds: 180 });
  await eventually('the service', async () => find('deployment', 'coding', NAMESPACES.coding), { seconds: 180 });
  const deployment = await get('deployment', 'coding', NAMESPACES.coding);
  expect(deployment.metadata.annotations).toMatchObject({
    'argocd.argoproj.io/tracking-id': `coding:apps/Deployment:${NAMESPACES.coding}/coding`,
  });
});

step('a first version is trained and promoted, and the service that waited for it answers', async () => {
  await submit('workflowtemplate', 'training', { 'train-grid': JSON.stringify(WEAK) });
  expect(await versionOf('challenger')).toBe('1');
  await submit('workflowtemplate', 'promotion', { by: 'Ada', reason: 'the first version' });
  expect(await versionOf('champion')).toBe('1');
  await answersWith('1');
});

step('a grid of four combinations runs side by side as Pods, and its best run becomes the challenger', async () => {
  const workflow = await submit('workflowtemplate', 'training', { 'train-grid': JSON.stringify(BETTER) });
  const trained = stepsOf(workflow).filter(({ step: name }) => name === 'train');
  expect(trained).toHaveLength(4);
  expect(Math.max(...trained.map(({ from }) => from))).toBeLessThan(Math.min(...trained.map(({ to }) => to)));
  const experiment = textAt(
    await mlflow('GET', 'experiments/get-by-name?experiment_name=nace-coding'),
    ...['experiment', 'experiment_id'],
  );
  const found = await mlflow('POST', 'runs/search', { experiment_ids: [experiment], max_results: 100 });
  const runs = listAt(found, 'runs');
  expect(runs).toHaveLength(5);
  const stored = await withStore((mc) => mc('ls', '--recursive', 'store/mlflow'));
  for (const each of runs) {
    const id = textAt(each, 'info', 'run_id');
    expect(at(each, 'info', 'status')).toBe('FINISHED');
    const metrics = listAt(each, 'data', 'metrics').map((metric) => at(metric, 'key'));
    expect(metrics).toEqual(expect.arrayContaining([1, 2, 3, 4, 5].map((level) => `accuracy_level_${level}`)));
    expect(stored).toContain(id);
  }
  expect(stored).toContain('serving/model.bin');
  expect(await versionOf('challenger')).toBe('2');
});

step('the challenger is promoted by a commit that Argo CD applies', async () => {
  const { output } = await attempt('kubectl', ['get', 'application', 'coding', '-n', NAMESPACES.argoCd, '-o', 'json']);
  const before = textAt(JSON.parse(output), 'status', 'sync', 'revision');
  await eventually('the version beside', () => shadowedBy('2'), { seconds: 180 });
  await client.code(texts(1000));
  await sleep(12_000);
  await submit('cronworkflow', 'monitoring-etl');
  await submit('workflowtemplate', 'promotion', { by: 'Ada', reason: 'the grid' });
  expect(await configured()).toBe(2);
  expect(await git.git('log', '-1', '--format=%s%n%b')).toMatch(/Promote version 2 .*Promoted-Version: 2/s);
  await render();
  await answersWith('2');
  const after = await get('application', 'coding', NAMESPACES.argoCd);
  expect(at(after, 'status', 'sync', 'revision')).not.toBe(before);
  expect(await versionOf('champion')).toBe('2');
  expect(await versionOf('challenger')).toBeUndefined();
});

/** Whether every Pod of the service asks this version beside its own. */
async function shadowedBy(version: string): Promise<boolean> {
  const pods = await inferencePods();
  const told = await Promise.all(
    pods.map(async ({ metadata: { name } }) =>
      kubectl(['get', '--raw', `/api/v1/namespaces/${NAMESPACES.coding}/pods/${name}:9090/proxy/metrics`]),
    ),
  );
  return told.every((text) =>
    text.includes(`nace_model_info{slot="shadow",model="nace-coding",version="${version}"} 1`),
  );
}

step(
  '10,000 descriptions of several people are coded while Pods are killed and scaled, and none is lost or counted twice',
  async () => {
    const people = await Promise.all(Array.from({ length: 4 }, async () => Client.create()));
    clients.push(...people);
    const all = texts(10_000);
    const coded = new AbortController();
    const disturbing = disturb(coded.signal);
    await Promise.all(
      people.map(async (each, index) => each.code(all.slice(index * 2500, index * 2500 + 2500), 10, 0.2)),
    );
    coded.abort();
    expect(await disturbing).toBeGreaterThanOrEqual(6);
    say(`requests that had to be made again: ${people.reduce((sum, { failures }) => sum + failures, 0)}`);
    await scale(2);
    await eventually(
      'two Pods',
      async () => (await inferencePods()).filter((pod) => hasCondition(pod, 'Ready')).length === 2,
      {
        seconds: 240,
      },
    );
    await sleep(10_000);
    await submit('cronworkflow', 'monitoring-etl');
    const rows = await rowsByRequest(today);
    for (const each of people) {
      for (const [request, count] of each.answered) expect([request, rows.get(request)]).toEqual([request, count]);
    }
    expect(people.flatMap(({ answered }) => [...answered.values()]).reduce((sum, count) => sum + count, 0)).toBe(
      10_000,
    );
  },
);

const inferencePods = async () =>
  list('pods', '-n', NAMESPACES.coding, '-l', 'app.kubernetes.io/name=fasttext-inference');

/** Kills the process of a Pod, deletes a Pod, and scales by a commit, in turn until it is told to end. @returns how often */
async function disturb(until: AbortSignal): Promise<number> {
  let round = 0;
  for (; !until.aborted; round++) {
    const pods = await inferencePods();
    const one = pods[round % pods.length]?.metadata.name ?? '';
    if (round === 1) await scale(3);
    // Argo CD heals what is scaled by hand.
    else if (round === 5) await kubectl(['scale', 'deployment/coding', '-n', NAMESPACES.coding, '--replicas=0']);
    else if (round % 2 === 0) await kubectl(['delete', 'pod', one, '-n', NAMESPACES.coding, '--wait=false']);
    else await kill();
    await sleep(4000);
  }
  return round;
}

/** Ends the program of a Pod, which is one of this machine's own processes: nothing in it can prepare for that. */
async function kill(): Promise<void> {
  const { code, output } = await attempt('pkill', [
    '--signal',
    'KILL',
    '--oldest',
    '--uid',
    '1000',
    '--full',
    '^node (/.*)?dist/main.js',
  ]);
  if (code !== 0) throw new Error(`no program was killed: ${output}`);
}

async function scale(replicas: number): Promise<void> {
  await change(`${replicas} replicas`, ['coding', 'replicas', 'always'], replicas);
}

/** Commits another value of the configuration, and what it renders to. @param value undefined takes the key out */
async function change(message: string, path: readonly string[], value: unknown): Promise<void> {
  await git.pull();
  const document = parseDocument(git.read('config.yaml'));
  if (value === undefined) document.deleteIn(path);
  else document.setIn(path, document.createNode(value));
  await git.commit(message, { 'config.yaml': String(document) });
  await render();
}

step('bad requests are refused, and none is an error of the service', async () => {
  const batch = '/predict-batch';
  const long = JSON.stringify({ text_description: ['boulanger'.repeat(600_000)] });
  const statuses = {
    schema: await client.status({ path: batch, body: '{"text_description": "boulanger"}' }),
    json: await client.status({ path: batch, body: '{"text_description": [' }),
    encoding: await client.status({ path: batch, body: Buffer.from('{"text_description": ["caf\xe9"]}', 'latin1') }),
    size: await client.status({ path: batch, body: long }),
    'another model': await client.status({ path: '/v2/models/other' }),
    'no credentials': await client.status({ path: '/', auth: '' }),
    'wrong credentials': await client.status({ path: '/', auth: 'api:wrong' }),
  };
  expect(statuses).toEqual({
    schema: 422,
    json: 400,
    encoding: 400,
    size: 413,
    'another model': 404,
    'no credentials': 401,
    'wrong credentials': 401,
  });
  const crowd = await Promise.all(Array.from({ length: 50 }, async () => Client.create()));
  clients.push(...crowd);
  const body = JSON.stringify({ text_description: texts(200) });
  const answers = await Promise.all(
    crowd.flatMap((each) => Array.from({ length: 4 }, async () => each.status({ path: batch, body }))),
  );
  expect(answers).toHaveLength(200);
  expect([...new Set(answers)].sort()).toEqual([200, 429]);
});

step('serving goes on while the registry and the store of objects are away', async () => {
  const servers = [
    ['deployment/mlflow', NAMESPACES.mlflow],
    ['statefulset/minio', NAMESPACES.minio],
  ] as const;
  const replicas = async (count: number) => {
    for (const [name, namespace] of servers) await kubectl(['scale', name, '-n', namespace, `--replicas=${count}`]);
  };
  await replicas(0);
  try {
    await eventually(
      'the store to be gone',
      async () => (await find('pod', 'minio-0', NAMESPACES.minio)) === undefined,
      {
        seconds: 120,
      },
    );
    const failures = client.failures;
    await client.code(texts(500));
    expect(client.failures).toBe(failures);
  } finally {
    await replicas(1);
  }
  for (const [name, namespace] of servers) {
    await kubectl(['rollout', 'status', name, '-n', namespace, '--timeout=300s'], { timeoutSeconds: 330 });
  }
});

step('nothing drifts where the same people come as before', async () => {
  await sleep(15_000);
  await copyRecords(today, [1, 2, 3, 4, 5].map(dayOf));
  await submit('cronworkflow', 'monitoring-etl');
  await submit('cronworkflow', 'monitoring-drift');
  expect(at(await recordJson(`drift/${today}.json`), 'decision')).toBe('stable');
});

step('another mix of classes is drift', async () => {
  const farms = known.filter(({ code }) => /^0[123]/.test(code));
  expect(farms.length).toBeGreaterThan(50);
  await client.code(texts(6000, farms), 500);
  await sleep(10_000);
  await submit('cronworkflow', 'monitoring-etl');
  await submit('cronworkflow', 'monitoring-drift');
  expect(at(await recordJson(`drift/${today}.json`), 'decision')).toBe('drift');
});

step('a sample is annotated through the API of Label Studio, and becomes the gold set', async () => {
  await labelStudio.ready();
  await submit('cronworkflow', 'annotation-sample');
  await submit('cronworkflow', 'annotation-push');
  const codes = new Map(known.map(({ text, code }) => [text, code]));
  expect(await labelStudio.annotate((text) => codes.get(text))).toBeGreaterThanOrEqual(60);
  await submit('cronworkflow', 'annotation-pull');
  expect(await withStore((mc) => mc('ls', 'store/nace/coding/gold/'))).toContain('gold.parquet');
});

step('the pages show it in a browser', async () => {
  // As its clock would have it made tomorrow.
  await kubectl(['rollout', 'restart', 'deployment/monitoring-dashboard', '-n', NAMESPACES.monitoring]);
  const status = ['rollout', 'status', 'deployment/monitoring-dashboard', '-n', NAMESPACES.monitoring];
  await kubectl([...status, '--timeout=400s'], { timeoutSeconds: 430 });
  const password = await secretValue(NAMESPACES.monitoring, 'monitoring-dashboard-readers', 'password');
  const browser = await openBrowser();
  try {
    const context = await browser.newContext({
      viewport: { width: 1200, height: 900 },
      httpCredentials: { username: 'reader', password },
    });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    for (const name of ['index', 'monitoring', 'performance', 'en/index']) {
      // The Pod of before may answer once more.
      await eventually(
        `figures on ${name}`,
        async () => {
          await undisturbed(() => page.goto(`https://monitoring.${WEB_DOMAIN}/${name}`));
          await page.waitForSelector('main svg', { timeout: 15_000 });
          return true;
        },
        { seconds: 120 },
      );
      await sleep(2000);
      await page.screenshot({ path: join(PICTURES, `${name.replace('/', '-')}.png`), fullPage: name !== 'monitoring' });
    }
    expect(problems).toEqual([]);
    expect((await page.textContent('main')) ?? '').toMatch(/1\d[,.\u202f\s]?\d{3}/);
  } finally {
    await browser.close();
  }
});

step('the trigger starts the grid, and says why', async () => {
  await kubectl(['create', 'job', 'now', '--from=cronjob/retraining-decide', '-n', NAMESPACES.retraining]);
  await jobDone(NAMESPACES.retraining, 'now');
  const decision = await recordJson('retraining/decisions/000001.json');
  expect(at(decision, 'start')).toBe(true);
  expect(listAt(decision, 'reasons').join()).toMatch(/annotations since version 2/);
  await succeeded(textAt(decision, 'workflow', 'metadata', 'name'), 900);
  expect(await versionOf('challenger')).toBe('3');
  expect(await versionOf('champion')).toBe('2');
});

step('a challenger that has shown nothing beside the champion is refused, with the reason', async () => {
  const refused = await begin('workflowtemplate', 'promotion', { by: 'Ada', reason: 'too early' });
  await eventually(
    'the refusal',
    async () => at(await get('workflow', refused, NAMESPACES.runs), 'status', 'phase') === 'Failed',
    { seconds: 300 },
  );
  expect(await podLogs(refused)).toMatch(/refused: shadow: 0 records/);
  expect(await configured()).toBe(2);
});

step('as a canary the challenger answers its share of the requests', async () => {
  await change('A canary', ['coding', 'canary'], { serves: { version: 3 }, weight: 50 });
  await eventually('an answer of version 3', async () => (await client.version()) === '3', { seconds: 240 });
  const answered = await Promise.all(Array.from({ length: 100 }, async () => client.version()));
  const share = answered.filter((version) => version === '3').length;
  expect([...new Set(answered)].sort()).toEqual(['2', '3']);
  expect(share).toBeGreaterThanOrEqual(30);
  expect(share).toBeLessThanOrEqual(70);
  await change('No canary', ['coding', 'canary'], undefined);
  await answersWith('2');
  // Argo CD has to see the commit, and the Pod to end what it has begun.
  await eventually(
    'the end of the canary',
    async () => (await find('deployment', 'coding-canary', NAMESPACES.coding)) === undefined,
    { seconds: 180 },
  );
});

step('the challenger is promoted by a commit', async () => {
  await eventually('the version beside', () => shadowedBy('3'), { seconds: 180 });
  await client.code(texts(2000), 500);
  await sleep(10_000);
  await submit('cronworkflow', 'monitoring-etl');
  await submit('workflowtemplate', 'promotion', { by: 'Ada', reason: 'the retraining' });
  expect(await configured()).toBe(3);
  await render();
  await answersWith('3');
  expect(await versionOf('champion')).toBe('3');
});

step('one workflow takes it back', async () => {
  await submit('workflowtemplate', 'promotion-rollback', { by: 'Ada', reason: 'wrong codes for farms' });
  expect(await configured()).toBe(2);
  await render();
  await answersWith('2');
  expect(await versionOf('champion')).toBe('2');
});

step('a version whose bytes have changed is refused, and the version before serves on', async () => {
  await corrupt('3');
  await change('Version 3 again', ['coding', 'serves', 'version'], 3);
  const failures = client.failures;
  await eventually(
    'a Pod that refuses version 3',
    async () => (await codingLogs()).some((log) => /SHA256SUMS.*the version cannot be served/s.test(log)),
    { seconds: 180 },
  );
  await client.code(texts(300));
  expect(client.failures).toBe(failures);
  expect(await client.version()).toBe('2');
  await change('Version 2 stays', ['coding', 'serves', 'version'], 2);
  // Argo CD takes the next commit when Kubernetes has given up the Deployment, after five minutes.
  await answersWith('2', 600);
});

/** Changes one bit of a version's model in the store, as a failing disk does. */
async function corrupt(version: string): Promise<void> {
  const found = await mlflow('GET', `model-versions/get?name=nace-coding&version=${version}`);
  const id = /m-[0-9a-f]{32}/.exec(textAt(found, 'model_version', 'source'))?.[0] ?? 'no model';
  await withStore(async (mc) => {
    const listed = await mc('find', 'store/mlflow', '--path', `*${id}*/serving/model.bin`);
    const path = listed.trim();
    const file = join(ROOT, '.bouture/e2e/model.bin');
    await mc('cp', '--quiet', path, file);
    const bytes = readFileSync(file);
    const middle = bytes.length >> 1;
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    writeFileSync(file, bytes);
    await mc('cp', '--quiet', file, path);
    rmSync(file);
  });
}

const codingLogs = async () =>
  Promise.all(
    (await inferencePods()).map(async ({ metadata: { name } }) =>
      kubectl(['logs', name, '-n', NAMESPACES.coding, '--tail=200']).catch(() => ''),
    ),
  );
