import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthesizeConfig } from '../../blueprints';
import { packageFile } from '../../blueprints/package-root';
import { secretManifests } from '../../stacks/secret-manifests';
import { ROOT } from './support/commands';
import { at, listAt, textAt } from './support/kubectl';
import { LocalOfficeArgoCd } from './support/local-office-argo-cd';
import { StandInKubelet } from './support/stand-in-kubelet';
import { eventually } from './support/waiting';

/**
 * charts-out/minimal as it stands, by the example of the documentation, the real programs of Argo CD and a real API server with its controllers. There
 * are no nodes: what Pods do is said by a stand-in. What is encrypted beside the manifests is in the repository, too.
 */

const FOLDER = 'charts-out/minimal';
const PLATFORM = 'bouture';
const WELL = /^Synced\|Healthy$/;
const SEED = Buffer.alloc(32, 5).toString('base64');
const synthesis = synthesizeConfig(packageFile('blueprints', 'minimal', 'config.yaml'));

/** The files of a folder, by their paths in the repository. */
function filesOf(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }).filter((each) =>
    each.isFile(),
  );
  return Object.fromEntries(
    files.map((file) => {
      const path = join(file.parentPath, file.name);
      return [path.slice(ROOT.length + 1), readFileSync(path, 'utf8')];
    }),
  );
}

let argo: LocalOfficeArgoCd;
let kubelet: StandInKubelet;
beforeAll(async () => {
  const encrypted =
    'apiVersion: v1\nkind: Secret\nmetadata: {name: x, namespace: bouture-minio}\ndata: {x: "ENC[AES256_GCM,]"}\n';
  argo = await LocalOfficeArgoCd.create({ ...filesOf(FOLDER), [`${FOLDER}/secrets.enc.yaml`]: encrypted });
  kubelet = new StandInKubelet(argo.server);
}, 20 * 60_000);
afterAll(async () => {
  await kubelet.stop();
  await argo.dispose();
});

/** Waits until the Application is well, and has looked since. */
async function isWell(since?: string): Promise<string> {
  return eventually(
    'the platform to be well',
    async () => {
      const state = await argo.stateOf('platform');
      const app = await argo.get('applications.argoproj.io', 'platform');
      const looked = textAt(app, 'status', 'reconciledAt');
      if (!WELL.test(state) || looked === since) {
        const bad = listAt(app, 'status', 'resources').filter(
          (each) => at(each, 'status') !== 'Synced' || (at(each, 'health', 'status') ?? 'Healthy') !== 'Healthy',
        );
        throw new Error(
          `${state} ${JSON.stringify(bad)} ${JSON.stringify(at(app, 'status', 'operationState', 'message'))}`,
        );
      }
      return looked;
    },
    { seconds: 400, everySeconds: 2 },
  );
}

test('the namespaces and the Secrets come first, and everything else by itself', async () => {
  const folder = join(ROOT, FOLDER, '10-namespaces');
  await argo.server.kubectl([
    ...['apply', '--server-side', '--field-manager=bouture', '--filename', folder],
    ...['--selector', 'pod-security.kubernetes.io/enforce'],
  ]);
  await argo.apply({ apiVersion: 'v1', kind: 'List', items: secretManifests(synthesis, SEED, {}) });
  await argo.follow(FOLDER, PLATFORM);
  await isWell();
  const app = await argo.get('applications.argoproj.io', 'platform');
  expect(listAt(app, 'status', 'resources')).toHaveLength(synthesis.objects.length);
});

test('its waves were applied in their order', async () => {
  const app = await argo.get('applications.argoproj.io', 'platform');
  const made = await Promise.all(
    listAt(app, 'status', 'resources')
      .filter((each) => ['Job', 'StatefulSet', 'Deployment'].includes(textAt(each, 'kind')))
      .map(async (each) => argo.get(textAt(each, 'kind'), textAt(each, 'name'), textAt(each, 'namespace'))),
  );
  const waves = made
    .map((object) => ({
      at: textAt(object, 'metadata', 'creationTimestamp'),
      wave: Number(at(object, 'metadata', 'annotations', 'argocd.argoproj.io/sync-wave')),
    }))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.wave - b.wave))
    .map(({ wave }) => wave);
  expect(new Set(waves).size).toBeGreaterThan(3);
  expect(waves).toEqual([...waves].sort((a, b) => a - b));
});

test('nothing shows as drift: it is well after each of two further looks, and nothing was applied again', async () => {
  const finished = async () =>
    at(await argo.get('applications.argoproj.io', 'platform'), 'status', 'operationState', 'finishedAt');
  const before = await finished();
  let looked = await isWell();
  for (let looks = 0; looks < 2; looks++) {
    await argo.refresh('platform');
    looked = await isWell(looked);
  }
  expect(await finished()).toBe(before);
});

test('a hand edit is undone', async () => {
  const patch = JSON.stringify({ spec: { schedule: '1 1 1 1 1' } });
  const [cron] = synthesis.objects.filter(({ manifest }) => manifest.kind === 'CronJob');
  const { name, namespace = '' } = cron?.manifest.metadata ?? { name: '' };
  await argo.server.kubectl(['patch', 'cronjob', name, '--namespace', namespace, '--patch', patch]);
  await eventually(
    'the schedule',
    async () => at(await argo.get('cronjob', name, namespace), 'spec', 'schedule') !== '1 1 1 1 1',
    { seconds: 120 },
  );
  await isWell();
});
