import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { synthesizeConfig } from '../../blueprints';
import { packageFile } from '../../blueprints/package-root';
import type { KubernetesManifest } from '../../constructs';
import { secretManifests } from '../../stacks/secret-manifests';
import { plainProgress } from '../../tools/cluster/progress';
import { ensurePrograms, programPath } from '../../tools/cluster/programs';
import { leaksIn } from './support/canaries';
import { type Running, run, start } from './support/commands';
import { freePorts, LocalApiServer } from './support/local-api-server';
import { secretServer } from './support/secret-server';
import { CLI } from './support/stack';
import { eventually } from './support/waiting';

/**
 * The Secrets of a platform by External Secrets, as docs/gitops.md tells: the real operator as a process, with a real API server and a real
 * OpenBao. The operator is the administrator here; what its chart allows it is not looked at.
 */

const CONFIG = packageFile('blueprints', 'sspcloud', 'config.yaml');
const TOKEN = 'of-the-test';

const objectSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  type: z.string(),
  data: z.record(z.string(), z.string()),
});

let folder: string;
let api: LocalApiServer;
let store: Running;
let operator: Running;
let env: Readonly<Record<string, string>>;
let expected: readonly KubernetesManifest[];

beforeAll(async () => {
  await ensurePrograms(['external-secrets'], plainProgress());
  folder = mkdtempSync(join(tmpdir(), 'bouture-external-secrets-'));
  const server = await secretServer('openbao');
  const [storePort = 0, liveness = 0, metrics = 0] = await freePorts(3);
  const address = `http://127.0.0.1:${storePort}`;
  // What people type is `vault`; both programs take the same words.
  symlinkSync(server, join(folder, 'vault'));
  env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: folder, VAULT_ADDR: address, VAULT_TOKEN: TOKEN };
  store = start(server, [
    ...['server', '-dev', '-dev-no-store-token'],
    ...[`-dev-root-token-id=${TOKEN}`, `-dev-listen-address=127.0.0.1:${storePort}`],
  ]);
  api = await LocalApiServer.create();
  const definitions = join(dirname(programPath('external-secrets')), 'crds');
  const files = readdirSync(definitions).filter((name) => name.includes('external-secrets.io_'));
  await api.kubectl(['apply', '--server-side', ...files.flatMap((name) => ['-f', join(definitions, name)])]);
  operator = start(
    programPath('external-secrets'),
    [`--live-addr=127.0.0.1:${liveness}`, `--metrics-addr=127.0.0.1:${metrics}`, '--store-requeue-interval=5s'],
    { env: { KUBECONFIG: api.administratorKubeconfig() } },
  );
  await eventually('the store', async () => (await fetch(`${address}/v1/sys/health`)).ok);

  const { stdout } = await run('openssl', ['rand', '-base64', '32']);
  writeFileSync(join(folder, 'seed'), stdout, { mode: 0o600 });
  expected = secretManifests(synthesizeConfig(CONFIG), stdout.trim(), {});
  const namespaces = [...new Set(expected.map(({ metadata }) => metadata.namespace ?? '')), 'external-secrets'];
  await apply(...namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })));
  await apply(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'office', namespace: 'external-secrets' },
      stringData: { token: TOKEN },
    },
    {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ClusterSecretStore',
      metadata: { name: 'office' },
      spec: {
        provider: {
          vault: {
            server: address,
            path: 'secret',
            version: 'v2',
            auth: { tokenSecretRef: { name: 'office', namespace: 'external-secrets', key: 'token' } },
          },
        },
      },
    },
  );
}, 60 * 60_000);

afterAll(async () => {
  await operator.stop();
  await api.dispose();
  await store.stop();
  rmSync(folder, { recursive: true });
});

const apply = async (...items: readonly unknown[]) =>
  api.kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });

async function secret({ metadata: { name, namespace = '' } }: KubernetesManifest) {
  const text = await api.kubectl(['get', 'secret', name, '--namespace', namespace, '--output', 'json']);
  return objectSchema.parse(JSON.parse(text));
}

/** Puts every value where the ExternalSecrets look, in the words of the documentation. */
async function fill(...more: readonly string[]): Promise<void> {
  const script = [
    'set -euo pipefail; node "$1" secrets "$2" --seed-file "$3" "${@:4}" --values | jq -c "to_entries[]" | while read -r entry; do',
    '  jq "{value}" <<< "$entry" | vault kv put -mount=secret "$(sed -n "s/^name: //p" "$2")/$(jq -r .key <<< "$entry")" -',
    'done',
  ].join('\n');
  await run('bash', ['-c', script, 'bash', CLI, CONFIG, join(folder, 'seed'), ...more], { env, timeoutSeconds: 300 });
}

test('the operator writes the Secrets that bouture secrets prints: keys, values, texts, tokens, labels', async () => {
  await fill();
  const { stdout } = await run('node', [CLI, 'secrets', CONFIG, '--external-secrets', 'ClusterSecretStore/office']);
  const file = join(folder, 'external-secrets.yaml');
  writeFileSync(file, stdout);
  await api.kubectl(['apply', '--server-side', '--filename', file]);
  for (const manifest of expected) {
    const { name, namespace = '', labels, annotations } = manifest.metadata;
    const found = await eventually(`Secret ${namespace}/${name}`, () => secret(manifest), { seconds: 120 });
    expect({ name, data: found.data }).toEqual({ name, data: manifest['data'] });
    expect(found).toMatchObject({ type: 'Opaque', metadata: { labels, annotations } });
  }
  const tokens = expected.flatMap(({ data }) =>
    Object.values(data as Readonly<Record<string, string>>).filter((each) =>
      Buffer.from(each, 'base64').toString().startsWith('eyJ'),
    ),
  );
  expect(tokens.length).toBeGreaterThan(0);
});

test('a value that is rotated in the store follows, and what it signs, and no other', async () => {
  const id = 'minio-user-metrics-reader';
  const synthesis = synthesizeConfig(CONFIG);
  const seed = (await run('cat', [join(folder, 'seed')])).stdout.trim();
  const rotated = secretManifests(synthesis, seed, { [id]: 1 });
  const changed = rotated.filter((each, index) => JSON.stringify(each) !== JSON.stringify(expected[index]));
  expect(changed.map(({ metadata }) => metadata.name).sort()).toEqual(expect.arrayContaining(['minio-metrics']));
  await fill('--rotations', `${id}=1`);
  await api.kubectl(['annotate', 'externalsecret', '--all', '--all-namespaces', '--overwrite', 'force-sync=1']);
  for (const manifest of rotated) {
    const { name, namespace = '' } = manifest.metadata;
    await eventually(
      `the rotated ${namespace}/${name}`,
      async () => {
        const { data } = await secret(manifest);
        return (
          JSON.stringify(Object.entries(data).sort()) ===
          JSON.stringify(Object.entries(manifest['data'] as object).sort())
        );
      },
      { seconds: 60 },
    );
  }
});

test('no value stands in the ExternalSecrets, nor in what the operator says', async () => {
  const canaries = expected.flatMap(({ metadata, data }) =>
    Object.entries(data as Readonly<Record<string, string>>)
      .map(([key, value]) => ({ id: `${metadata.name}/${key}`, value: Buffer.from(value, 'base64').toString() }))
      .filter(({ value }) => /^[A-Za-z0-9]{32,}$/.test(value)),
  );
  expect(canaries.length).toBeGreaterThan(10);
  const objects = await api.kubectl(['get', 'externalsecrets', '--all-namespaces', '--output', 'yaml']);
  expect(leaksIn(objects, canaries)).toEqual([]);
  expect(leaksIn(operator.output, canaries)).toEqual([]);
});
