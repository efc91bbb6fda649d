import { join } from 'node:path';
import { attempt, type Finished, ROOT } from './support/commands';
import { kubectl } from './support/kubectl';
import { type Manifest, readManifests } from './support/manifests';

/** Scratch namespaces, so that this needs no platform and disturbs none: objects are judged where nothing of theirs exists. */
const PREFIX = 'dry-run-';

const scratch = (namespace: string) => `${PREFIX}${namespace}`;

/** A manifest as it would stand in the scratch namespaces. */
function moved(manifest: Manifest): object {
  const { metadata } = manifest;
  const own = manifest.kind === 'Namespace' ? { name: scratch(metadata.name) } : {};
  const home = metadata.namespace === undefined ? {} : { namespace: scratch(metadata.namespace) };
  return { ...manifest, metadata: { ...metadata, ...own, ...home } };
}

function apply(manifests: readonly object[], ...options: readonly string[]): Promise<Finished> {
  // As JSON: kubectl reads YAML 1.1, in which `on` is no text.
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
  return attempt(
    'kubectl',
    ['apply', '--server-side', '--force-conflicts', '--validate=strict', ...options, '-f', '-'],
    { input },
  );
}

const warnings = ({ stderr }: Finished) => stderr.split('\n').filter((line) => line.startsWith('Warning:'));

const rendered = readManifests(join(ROOT, 'charts-out/minimal'));
const namespaces = rendered.filter(({ kind }) => kind === 'Namespace');

beforeAll(async () => {
  const made = await apply(namespaces.map(moved));
  expect(made.code).toBe(0);
});

afterAll(async () => {
  const names = namespaces.map(({ metadata }) => scratch(metadata.name));
  await kubectl(['delete', 'namespace', '--ignore-not-found', '--wait=false', ...names]);
});

test('the API server accepts every rendered object, strictly and without a warning', async () => {
  const result = await apply(rendered.map(moved), '--dry-run=server');
  expect(warnings(result)).toEqual([]);
  expect({ code: result.code, errors: result.stderr }).toEqual({ code: 0, errors: '' });
  expect(result.stdout.match(/ serverside-applied \(server dry run\)$/gm)).toHaveLength(rendered.length);
});

test('a field that the API does not know is an error', async () => {
  const [service] = rendered.filter(({ kind }) => kind === 'Service');
  const result = await apply([{ ...moved(service as Manifest), specs: {} }], '--dry-run=server');
  expect(result.code).not.toBe(0);
  expect(result.stderr).toMatch(/specs/);
});

test('a Pod that the namespace would not let run is a warning', async () => {
  const { metadata } = namespaces[0] as Manifest;
  const labels = { app: 'careless' };
  const careless = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'careless', namespace: scratch(metadata.name) },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'careless', image: 'careless:1' }] } },
    },
  };
  expect(warnings(await apply([careless], '--dry-run=server'))).toEqual([
    expect.stringContaining('would violate PodSecurity "restricted') as string,
  ]);
});
