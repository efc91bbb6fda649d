import type { KubernetesManifest, SynthesizedSecret } from '../../constructs';
import { GeneratedValue, READS_SECRETS } from '../../constructs';
import { ROTATIONS_ANNOTATION, rotatedSecrets, withRotations } from '../../stacks/rotation';

function secret(name: string, ...ids: readonly string[]): SynthesizedSecret {
  const data = Object.fromEntries(ids.map((id) => [id, new GeneratedValue(id)]));
  return { namespace: 'demo', name, data: { user: 'admin', ...data }, labels: {}, annotations: {}, path: name };
}

const SECRETS = [secret('root', 'minio-root'), secret('both', 'minio-root', 'minio-user'), secret('other', 'other')];

function workload(kind: string, pod: Readonly<Record<string, unknown>>): KubernetesManifest {
  const template = { metadata: { labels: { app: 'x' } }, spec: pod };
  return {
    apiVersion: kind.endsWith('Job') ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { name: 'work', namespace: 'demo' },
    spec: kind === 'CronJob' ? { jobTemplate: { spec: { template } } } : { template },
  };
}

const READS_ROOT: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'a variable': { containers: [{ env: [{ valueFrom: { secretKeyRef: { name: 'root', key: 'minio-root' } } }] }] },
  'all its variables': { containers: [{ envFrom: [{ secretRef: { name: 'root' } }] }] },
  'a variable of an init container': {
    initContainers: [{ env: [{ valueFrom: { secretKeyRef: { name: 'root', key: 'x' } } }] }],
  },
  'a file': { containers: [], volumes: [{ name: 'v', secret: { secretName: 'root' } }] },
  'a projected file': { containers: [], volumes: [{ projected: { sources: [{ secret: { name: 'root' } }] } }] },
};

describe('rotating a secret', () => {
  test.each(Object.entries(READS_ROOT))('restarts what reads it as %s', (_, pod) => {
    const rotated = rotatedSecrets(SECRETS, { 'minio-root': 2 });
    const { spec } = withRotations(workload('Deployment', pod), rotated);
    expect(spec).toMatchObject({
      template: { metadata: { labels: { app: 'x' }, annotations: { [ROTATIONS_ANNOTATION]: 'minio-root=2' } } },
    });
  });

  test.each(['StatefulSet', 'DaemonSet', 'CronJob'])('marks the Pods of a %s', (kind) => {
    const marked = withRotations(
      workload(kind, READS_ROOT['a file'] ?? {}),
      rotatedSecrets(SECRETS, { 'minio-root': 1 }),
    );
    expect(JSON.stringify(marked.spec)).toContain(`"${ROTATIONS_ANNOTATION}":"minio-root=1"`);
    expect(marked.metadata.name).toBe('work');
  });

  test('gives a Job another name each time, for its template cannot change', () => {
    const job = workload('Job', READS_ROOT['a file'] ?? {});
    const names = [0, 1, 2].map((count) => {
      const rotations = count === 0 ? {} : { 'minio-root': count };
      return withRotations(job, rotatedSecrets(SECRETS, rotations)).metadata.name;
    });
    expect(names[0]).toBe('work');
    expect(new Set(names).size).toBe(3);
    expect(names[1]).toMatch(/^work-[0-9a-f]{6}$/);
  });

  test('tells every value once, however many Secrets hold it', () => {
    const pod = {
      containers: [],
      volumes: [{ secret: { secretName: 'both' } }, { secret: { secretName: 'root' } }],
    };
    const rotated = rotatedSecrets(SECRETS, { 'minio-user': 1, 'minio-root': 3 });
    expect(JSON.stringify(withRotations(workload('Deployment', pod), rotated))).toContain(
      '"minio-root=3,minio-user=1"',
    );
  });

  test('restarts what reads it through the API, as its Pods tell', () => {
    const rotated = rotatedSecrets(SECRETS, { 'minio-root': 1 });
    const told = (names: string): KubernetesManifest => ({
      ...workload('Deployment', {}),
      spec: { template: { metadata: { annotations: { [READS_SECRETS]: names } }, spec: { containers: [] } } },
    });
    expect(withRotations(told('else,root'), rotated).spec).toEqual({
      template: {
        metadata: { annotations: { [READS_SECRETS]: 'else,root', [ROTATIONS_ANNOTATION]: 'minio-root=1' } },
        spec: { containers: [] },
      },
    });
    expect(withRotations(told('else'), rotated)).toEqual(told('else'));
  });

  test('leaves alone what does not read it', () => {
    const rotated = rotatedSecrets(SECRETS, { other: 1 });
    const reader = workload('Deployment', READS_ROOT['a file'] ?? {});
    expect(withRotations(reader, rotated)).toBe(reader);
    const elsewhere = { ...reader, metadata: { ...reader.metadata, namespace: 'elsewhere' } };
    expect(withRotations(elsewhere, rotatedSecrets(SECRETS, { 'minio-root': 1 }))).toBe(elsewhere);
    const config: KubernetesManifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'root', namespace: 'demo' },
    };
    expect(withRotations(config, rotated)).toBe(config);
  });
});
