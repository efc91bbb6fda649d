import * as pulumi from '@pulumi/pulumi';
import { blueprints, loadConfig } from '../../blueprints';
import { packageFile } from '../../blueprints/package-root';
import {
  DeployTimeValue,
  GeneratedValue,
  PlatformNamespace,
  PlatformSecret,
  SignedToken,
  type Synthesis,
  synthesize,
} from '../../constructs';
import { deployPlatform } from '../../stacks/bridge';
import { existingCluster } from '../../stacks/clusters';
import { generate, type Rotations } from '../../stacks/generated-values';
import { readersOf } from '../../stacks/rotation';
import { externalSecretManifests, secretManifests, secretValues } from '../../stacks/secret-manifests';
import { schemaMinors, StrictSchemas } from '../../tools/schemas/validator';
import { at } from '../support/objects';
import { testPlatform } from '../support/platform';
import { runProgram } from '../support/pulumi';
import { office } from './office';

const textAt = (value: unknown, ...path: readonly string[]) => String(at(value, ...path));
const SEED = Buffer.alloc(32, 7).toString('base64');
const STORE = { kind: 'SecretStore', name: 'office' } as const;
const shipped = (blueprint: string) =>
  synthesize(loadConfig(packageFile('blueprints', blueprint, 'config.yaml')).compose());

/** A platform with one Secret. */
function withSecret(data: PlatformSecret['data'], annotations: Readonly<Record<string, string>> = {}): Synthesis {
  const platform = testPlatform();
  const namespace = new PlatformNamespace(platform, 'namespace', { name: 'demo-store' });
  new PlatformSecret(platform, 'secret', { namespace, name: 'root', data, annotations });
  return synthesize(platform);
}

/** The Secrets that the bridge registers, without what only Pulumi's provider reads. */
async function registered(synthesis: Synthesis, rotations: Rotations): Promise<readonly unknown[]> {
  // Beside them, some stand in manifests, empty: the token of an account, which the cluster fills in.
  const rendered = synthesis.objects.filter(({ manifest }) => manifest.kind === 'Secret');
  const empty = new Set(
    rendered.map(({ manifest }) => `${manifest.metadata.namespace ?? ''}/${manifest.metadata.name}`),
  );
  const { registered: all } = await runProgram(() =>
    deployPlatform({
      synthesis,
      cluster: existingCluster({ kind: 'existing' }).provider,
      seed: pulumi.secret(SEED),
      rotations,
      deployTimeValues: { 'backup-role': 'office' },
      waitUntilReady: () => Promise.resolve(),
    }),
  );
  return all
    .filter(({ type, name }) => type === 'kubernetes:core/v1:Secret' && !empty.has(name))
    .map(({ inputs }) => {
      const { annotations, ...metadata } = at(inputs, 'metadata') as Readonly<Record<string, unknown>>;
      const kept = Object.entries(annotations as object).filter(([name]) => !name.startsWith('pulumi.com/'));
      const data = Object.entries(at(inputs, 'data') as object).map(([key, value]) => [key, at(value, 'value')]);
      return {
        ...inputs,
        metadata: { ...metadata, annotations: Object.fromEntries(kept) },
        data: Object.fromEntries(data) as unknown,
      };
    });
}

/** The engine hears of them in any order. */
function sorted(objects: readonly unknown[]): readonly unknown[] {
  return [...objects].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

const nameOf = (object: unknown) => `${textAt(object, 'metadata', 'namespace')}/${textAt(object, 'metadata', 'name')}`;

describe('the Secrets of a seed', () => {
  const platforms: readonly (readonly [string, () => Synthesis])[] = [
    ['the office', () => office()],
    ...Object.keys(blueprints).map((name) => [name, () => shipped(name)] as const),
  ];
  test.each(platforms)('are those that the deployment of %s makes', async (_, make) => {
    const synthesis = make();
    const rotations = { 'store-root': 2, 'minio-root': 1 };
    const printed = secretManifests(synthesis, SEED, rotations);
    expect(printed.length).toBeGreaterThan(0);
    expect(sorted(printed)).toEqual(sorted(await registered(synthesis, rotations)));
  });

  test('stand in the wave of their namespaces, beside what they carry anyhow', () => {
    const [secret] = secretManifests(withSecret({ user: 'root' }, { 'example.org/owner': 'Ada' }), SEED, {});
    expect(secret?.metadata.annotations).toEqual({ 'example.org/owner': 'Ada', 'argocd.argoproj.io/sync-wave': '10' });
  });

  test('follow their rotations, each alone', () => {
    const synthesis = shipped('minimal');
    const before = secretValues(synthesis, SEED, {});
    const after = secretValues(synthesis, SEED, { 'minio-root': 1 });
    expect(Object.keys(after).filter((id) => after[id] !== before[id])).toEqual(['minio-root']);
    expect(after['minio-root']).toBe(generate(SEED, new GeneratedValue('minio-root'), 1));
  });

  test('are refused where one would hold what is known only at deployment', () => {
    const { token } = new DeployTimeValue('bucket', 'bucket of the office');
    const synthesis = withSecret({ bucket: token, password: new GeneratedValue('store-root') });
    const expected = /Secret demo-store\/root: known only at deployment: bucket; deploy with Pulumi/;
    expect(() => secretManifests(synthesis, SEED, {})).toThrow(expected);
    expect(() => externalSecretManifests(synthesis, STORE)).toThrow(expected);
  });
});

describe('what has to be restarted after a rotation', () => {
  test('is what reads a rotated value, in the order of waves', () => {
    const named = readersOf(shipped('minimal'), { 'minio-user-mlflow': 1 }).map(
      ({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name.replace(/-[0-9a-f]{10}$/, '')}`,
    );
    expect(named).toMatchInlineSnapshot(`
      [
        "Job bouture-minio/minio-provisioning",
        "Deployment bouture-mlflow/mlflow",
      ]
    `);
  });

  test('is nothing without one', () => {
    expect(readersOf(shipped('minimal'), {})).toEqual([]);
  });
});

describe('the objects for External Secrets', () => {
  test.each(Object.keys(blueprints))("of %s are valid by the operator's own definitions", (name) => {
    const manifests = externalSecretManifests(shipped(name), STORE);
    const kinds = manifests.map(({ kind }) => kind);
    expect(kinds).toContain('ExternalSecret');
    for (const minor of schemaMinors()) {
      const schemas = new StrictSchemas(minor);
      expect(manifests.flatMap((manifest) => schemas.problems(manifest))).toEqual([]);
    }
  });

  test('read each value from one place, whoever shares it, and hold none', () => {
    const synthesis = shipped('minimal');
    const manifests = externalSecretManifests(synthesis, STORE);
    const keyOf = (namespace: string, name: string) =>
      at(
        manifests.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
        'spec',
        'data',
        0,
      );
    expect(keyOf('bouture-minio', 'minio-user-mlflow')).toEqual({
      secretKey: 'secretAccessKey',
      remoteRef: { key: 'bouture/minio-user-mlflow', property: 'value' },
    });
    expect(keyOf('bouture-mlflow', 'mlflow-s3')).toEqual(keyOf('bouture-minio', 'minio-user-mlflow'));
    const text = JSON.stringify(manifests);
    expect(Object.values(secretValues(synthesis, SEED, {})).filter((value) => text.includes(value))).toEqual([]);
  });

  test('read a signed token from a place of its own, which the values fill', () => {
    const token = new SignedToken(new GeneratedValue('reader'), { sub: 'reader' });
    const synthesis = withSecret({ token });
    const [manifest] = externalSecretManifests(synthesis, STORE);
    expect(at(manifest, 'spec', 'data')).toEqual([
      { secretKey: 'token', remoteRef: { key: `${synthesis.platform}/reader.token`, property: 'value' } },
    ]);
    const [printed] = secretManifests(synthesis, SEED, {});
    const values = secretValues(synthesis, SEED, {});
    expect(Object.keys(values)).toEqual(['reader', 'reader.token']);
    expect(Buffer.from(textAt(printed, 'data', 'token'), 'base64').toString()).toBe(values['reader.token']);
  });

  test('write texts as they are, also those that look like a template', () => {
    const password = new GeneratedValue('store-root');
    const [manifest] = externalSecretManifests(withSecret({ 'a.b': password, text: '{{ .x }}', user: 'root' }), STORE);
    expect(at(manifest, 'spec', 'target', 'template', 'data')).toEqual({
      'a.b': '{{ index . "a.b" }}',
      text: '{{ "{{" }} .x }}',
      user: 'root',
    });
  });

  test('leave a Secret of texts alone a Secret', () => {
    expect(externalSecretManifests(withSecret({ user: 'root' }), STORE)).toEqual([
      expect.objectContaining({ kind: 'Secret', data: { user: Buffer.from('root').toString('base64') } }),
    ]);
  });
});
