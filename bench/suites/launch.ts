import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildCatalog, jupyterlabService } from '../../constructs';
import {
  allImages,
  ensureImages,
  ensurePrograms,
  environment,
  plainProgress,
  platformImages,
  programPath,
  registryReference,
} from '../../tools/cluster';
import { round, run } from '../support/measure';
import type { Benchmark, Measured } from '../support/report';

const ROOT = join(__dirname, '..', '..');
const NAMESPACE = 'bench-launch';
const NAME = 'notebook';
const HEALTH = { port: 8888, path: '/api' } as const;
const SELECTOR = `app.kubernetes.io/instance=${NAME}`;

const env = environment(ROOT);
const kubectl = (...args: readonly string[]) => run('kubectl', [...args, '--namespace', NAMESPACE], { env });
const helm = (...args: readonly string[]) => run(programPath('helm'), [...args, '--namespace', NAMESPACE], { env });

/** The same image with the image's own command, and nothing around it but a volume for its files when asked. */
function bareNotebook(image: string, hasVolume: boolean): unknown {
  const labels = { 'app.kubernetes.io/instance': NAME };
  const container = {
    name: NAME,
    image,
    ...(hasVolume ? { volumeMounts: [{ name: 'data', mountPath: '/data' }] } : {}),
  };
  const volumes = hasVolume ? [{ name: 'data', persistentVolumeClaim: { claimName: NAME } }] : [];
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: NAME },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } },
  };
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: NAME },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container], volumes } },
    },
  };
  return { apiVersion: 'v1', kind: 'List', items: hasVolume ? [claim, deployment] : [deployment] };
}

/** Whether something answers well. */
async function isWell(url: string): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
  return answer?.ok === true;
}

/** Waits until the notebook in the Pod answers. The machine is the node: it reaches Pods by their addresses. */
async function answers(): Promise<void> {
  const end = Date.now() + 300_000;
  while (Date.now() < end) {
    const address = kubectl('get', 'pods', '--selector', SELECTOR, '--output', 'jsonpath={.items[*].status.podIP}');
    const url = `http://${address}:${HEALTH.port}${HEALTH.path}`;
    if (address !== '' && (await isWell(url))) return;
    await sleep(100);
  }
  throw new Error('the notebook does not answer after 5 minutes');
}

/** Makes a notebook, waits until it answers, and removes it with everything. @returns seconds until it answered */
async function launch(make: () => void, remove: () => void): Promise<number> {
  const start = performance.now();
  try {
    make();
    await answers();
    return round((performance.now() - start) / 1000);
  } finally {
    remove();
    kubectl('wait', 'pods', '--selector', SELECTOR, '--for=delete', '--timeout=120s');
    kubectl('delete', 'persistentvolumeclaims', '--all', '--timeout=120s');
  }
}

/** The shortest of some times. */
const best = (seconds: readonly number[]): number => Math.min(...seconds);

/** Notebooks from the catalog and bare ones in turn. @param hasVolume each with a volume of its own, as the catalog's has by default */
async function compare(hasVolume: boolean): Promise<Measured> {
  const progress = plainProgress();
  await ensurePrograms(['helm'], progress);
  const image = platformImages().find(({ name }) => name === 'jupyter-python');
  if (image === undefined) throw new Error('there is no image "jupyter-python"');
  await ensureImages([image], allImages(), progress);
  const { name: key, tag: version, licence, source } = image;
  const reference = registryReference(image);
  const { files } = buildCatalog([jupyterlabService({ images: [{ key, version, licence, source, reference }] })]);
  const [, chart] = [...files].find(([file]) => file.endsWith('.tgz')) ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'bouture-bench-'));
  const [archive, manifest] = [join(folder, 'chart.tgz'), join(folder, 'bare.json')];
  writeFileSync(archive, chart ?? new Uint8Array());
  writeFileSync(manifest, JSON.stringify(bareNotebook(reference, hasVolume)));
  const fromCatalog = () =>
    launch(
      () => helm('install', NAME, archive, '--set', `persistence.enabled=${hasVolume}`),
      () => helm('uninstall', NAME),
    );
  const bare = () =>
    launch(
      () => kubectl('apply', '--filename', manifest),
      () => kubectl('delete', '--filename', manifest),
    );
  const times = { catalog: [] as number[], bare: [] as number[] };
  try {
    run('kubectl', ['create', 'namespace', NAMESPACE], { env });
    // The node pulls the image once.
    await bare();
    for (let i = 0; i < 4; i++) {
      times.bare.push(await bare());
      times.catalog.push(await fromCatalog());
    }
  } finally {
    run('kubectl', ['delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout=120s'], { env });
    rmSync(folder, { recursive: true, force: true });
  }
  return {
    value: round(best(times.catalog) / best(times.bare)),
    unit: 'times',
    details: { unit: 'seconds', ...times },
  };
}

export const benchmarks: readonly Benchmark[] = [
  {
    title: 'from helm install to a notebook that answers, beside a bare Deployment of the same image',
    bound: { kind: 'at most', value: 1.3 },
    measure: () => compare(false),
  },
  {
    title: 'the same, each with a new volume, as the catalog has it by default',
    bound: { kind: 'at most', value: 1.3 },
    measure: () => compare(true),
  },
];
