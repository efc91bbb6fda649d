import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, synthesizeConfig } from '../../blueprints';
import { renderFiles } from '../../constructs';
import { allImages, platformImages } from '../../tools/cluster/image-manifest';
import { ensureImages } from '../../tools/cluster/images';
import { silentProgress } from '../../tools/cluster/progress';
import { ClusterGit } from './support/cluster-git';
import { ROOT, run } from './support/commands';
import { apply, at, find, get, kubectl, list, listAt, textAt } from './support/kubectl';
import { train } from './support/mlflow';
import { type OfficeArgoCd, officeApplication, officeArgoCd } from './support/office-argo-cd';
import { TwoWays } from './support/other-ways';
import { sharedSnapshotOf, versionsOf } from './support/snapshot';
import { CLI } from './support/stack';
import { eventually } from './support/waiting';

/**
 * A whole platform by an Argo CD with rights in the whole cluster: the rendered files in a repository, by the example of the documentation, become what
 * `up` makes. Secrets come from the stack's seed, once.
 */

const PLATFORM = 'e2e-gitops';
const OFFICE = 'e2e-office';
const ARGO = `${OFFICE}-argo-cd`;
const GIT = `${OFFICE}-git`;
const TOKEN = 'token-of-the-office';
const ways = new TwoWays(PLATFORM);
let made: Readonly<Record<string, unknown>>;
let git: ClusterGit | undefined;
let office: OfficeArgoCd;

beforeAll(async () => {
  await removeOffice();
  const wanted = ['argo-cd', 'nace-annotation', 'minio', 'mlflow', 'postgres'];
  await ensureImages(
    platformImages().filter(({ name }) => wanted.includes(name)),
    allImages(),
    silentProgress,
  );
  made = await ways.upAndDown();
  const { images } = loadConfig(join(ROOT, 'blueprints/nace-coding/config.yaml')).compose();
  git = await ClusterGit.start(GIT, images.get('nace-annotation').reference, TOKEN);
  await git.commit('The platform', files());
  office = officeArgoCd({
    name: OFFICE,
    images,
    repository: { url: git.url, pods: { namespace: GIT, port: 8443 } },
    authority: git.authority.certificate,
  });
  await deployOffice();
}, 60 * 60_000);
afterAll(async () => {
  await kubectl([...['delete', 'applications.argoproj.io', 'platform', '--namespace', ARGO, '--ignore-not-found']]);
  await ways.dispose();
  await removeOffice();
  git?.dispose();
});

/** What is in the repository. */
function files(): Readonly<Record<string, string>> {
  const rendered = [...renderFiles(synthesizeConfig(ways.config))];
  return Object.fromEntries(rendered.map(([path, text]) => [`charts-out/${PLATFORM}/${path}`, text]));
}

async function deployOffice(): Promise<void> {
  const { objects, secrets } = office;
  const early = objects.filter(({ kind }) => ['CustomResourceDefinition', 'Namespace'].includes(kind));
  const token = {
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { namespace: ARGO, name: 'git' } },
    stringData: { token: `${TOKEN}\n` },
  };
  await apply(...early);
  await kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
  await apply(...secrets, token, ...objects.filter((each) => !early.includes(each)));
  await kubectl(['rollout', 'status', 'statefulset/argo-cd', '--namespace', ARGO, '--timeout=600s'], {
    timeoutSeconds: 620,
  });
}

/** Its definitions stay, as with every platform: other tests of the cluster use them. */
async function removeOffice(): Promise<void> {
  const ours = ['--selector', `app.kubernetes.io/part-of=${OFFICE}`, '--ignore-not-found', '--timeout=300s'];
  await kubectl(['delete', 'namespaces', ...ours], { timeoutSeconds: 320 });
  await kubectl(['delete', 'namespace', GIT, '--ignore-not-found', '--timeout=300s'], { timeoutSeconds: 320 });
  await kubectl(['delete', 'clusterrolebinding', `${OFFICE}-argo-cd-everywhere`, '--ignore-not-found']);
}

/** Waits until the Application is in sync and well, and has looked since. @returns when it looked */
async function isWell(since?: string): Promise<string> {
  return eventually(
    'the platform to be well',
    async () => {
      const app = await get('applications.argoproj.io', 'platform', ARGO);
      const state = [at(app, 'status', 'sync', 'status'), at(app, 'status', 'health', 'status')].join();
      const looked = textAt(app, 'status', 'reconciledAt');
      if (state === 'Synced,Healthy' && looked !== since) return looked;
      const bad = listAt(app, 'status', 'resources').filter((each) => at(each, 'status') !== 'Synced');
      const told = [at(app, 'status', 'conditions'), at(app, 'status', 'operationState', 'message'), bad];
      throw new Error(`${state} ${JSON.stringify(told)}`);
    },
    { seconds: 900, everySeconds: 2 },
  );
}

async function refresh(): Promise<void> {
  const annotation = ['argocd.argoproj.io/refresh=hard', '--overwrite'];
  await kubectl(['annotate', 'applications.argoproj.io', 'platform', '--namespace', ARGO, ...annotation]);
}

test('the example makes the same objects as up, with the same values, and everything is ready', async () => {
  const namespaces = [
    ...['apply', '--server-side', '--field-manager=bouture', '--filename', join(ways.charts, '10-namespaces')],
    ...['--selector', 'pod-security.kubernetes.io/enforce'],
  ];
  await kubectl(namespaces);
  const script =
    'set -euo pipefail; node "$1" secrets "$2" --stack "$3" | kubectl apply --server-side --field-manager=bouture -f -';
  await run('bash', ['-c', script, 'bash', CLI, ways.config, PLATFORM]);
  const { url } = git ?? { url: '' };
  await apply(...officeApplication(office, { url, path: `charts-out/${PLATFORM}`, platform: PLATFORM }));
  await isWell();
  await ways.isReady();
  expect(await sharedSnapshotOf(PLATFORM)).toEqual(made);
});

test('its waves were applied in their order', async () => {
  const workloads = await list('jobs,statefulsets,deployments', '-A', '-l', `app.kubernetes.io/part-of=${PLATFORM}`);
  const waves = workloads
    .map(({ metadata }) => ({
      at: String(metadata['creationTimestamp']),
      wave: Number(metadata.annotations?.['argocd.argoproj.io/sync-wave']),
    }))
    .filter(({ wave }) => !Number.isNaN(wave))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.wave - b.wave))
    .map(({ wave }) => wave);
  expect(new Set(waves).size).toBeGreaterThan(3);
  expect(waves).toEqual([...waves].sort((a, b) => a - b));
});

test('nothing shows as drift: it is well after each of two further looks, and no object was changed', async () => {
  const before = await versionsOf(PLATFORM);
  let looked = await isWell();
  for (let looks = 0; looks < 2; looks++) {
    await refresh();
    looked = await isWell(looked);
  }
  expect(await versionsOf(PLATFORM)).toEqual(before);
});

test('a model is trained, registered and kept there', async () => {
  expect((await train(`${PLATFORM}-mlflow`)).runId).toMatch(/^[0-9a-f]{32}$/);
});

test('a commit is what runs next, and a deleted object comes again', async () => {
  const path = `charts-out/${PLATFORM}/30-platform/mlflow.k8s.yaml`;
  const text = readFileSync(join(ways.charts, '30-platform/mlflow.k8s.yaml'), 'utf8');
  expect(text).toMatch(/schedule: /);
  await git?.commit('At another time', { [path]: text.replace(/schedule: .*/, 'schedule: 7 3 * * *') });
  const namespace = `${PLATFORM}-mlflow`;
  await eventually(
    'the schedule',
    async () => (await list('cronjobs', '-n', namespace)).some((each) => at(each, 'spec', 'schedule') === '7 3 * * *'),
    { seconds: 240 },
  );
  await kubectl(['delete', 'service', 'mlflow', '--namespace', namespace]);
  await eventually('the Service', async () => (await find('service', 'mlflow', namespace)) !== undefined, {
    seconds: 120,
  });
  await isWell();
});
