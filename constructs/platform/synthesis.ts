import { ApiObject } from 'cdk8s';
import { applyOverrides } from './apply-overrides';
import { Component } from './component';
import { deployTimeIds, missingDeployTimeValues } from './deploy-time';
import type { KubernetesManifest } from './kubernetes';
import { Layer, layerFolder, layerOfKind, stepOf } from './layer';
import type { Access } from './access';
import type { CloudNeeds } from './cloud';
import { compare } from './names';
import { manifestYaml } from './manifest-yaml';
import type { Platform } from './platform';
import { type ExpectedSecret, PlatformSecret } from './secrets';

/** One Kubernetes object of a platform, with its place in the deployment. */
export interface SynthesizedObject {
  readonly manifest: KubernetesManifest;
  readonly layer: Layer;
  /** Order of application: layer plus step. Everything of a lower wave is ready first. */
  readonly wave: number;
  /** File that it stands in: the component's name. */
  readonly component: string;
  /** Path of its construct below the platform, `minio/server`: the tree that Pulumi shows. */
  readonly path: string;
  /** What deploys it in the place of whoever deploys the platform, such as an Argo CD. @default - nothing else does */
  readonly deployedBy?: string;
}

/** A Secret that the deployment makes: everything about it but the values. */
export interface SynthesizedSecret {
  readonly namespace: string;
  readonly name: string;
  readonly data: PlatformSecret['data'];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly path: string;
}

/** Everything that a platform consists of. */
export interface Synthesis {
  readonly platform: string;
  /** By wave; in it, Namespaces before what stands in them, then by kind, namespace, name. */
  readonly objects: readonly SynthesizedObject[];
  readonly secrets: readonly SynthesizedSecret[];
  /** The Secrets that somebody else must have made before. */
  readonly expectedSecrets: readonly ExpectedSecret[];
  /** How people reach the parts of the platform, by title. */
  readonly accesses: readonly Access[];
  /** What it asks of the cloud that its cluster is made in. @default - its cluster exists */
  readonly cloud?: CloudNeeds;
}

const DEFAULT_COMPONENT = 'platform';
/** Where Argo CD looks for the order of application. */
export const WAVE_ANNOTATION = 'argocd.argoproj.io/sync-wave';
/** Where kpt and other users of cli-utils look for what must be ready first. */
export const DEPENDS_ON_ANNOTATION = 'config.kubernetes.io/depends-on';
/** Kinds that take time to become ready, so that others wait for them. */
const AWAITED_KINDS = new Set(['DaemonSet', 'Deployment', 'Job', 'StatefulSet']);

/**
 * Turns constructs into plain objects: a pure function of the tree, in an order that depends on nothing else.
 *
 * @throws Error when an object has no name, when two objects claim the same identity, or when an object that lives in a namespace names none
 * @throws OverrideError when an override fits no object
 */
export function synthesize(platform: Platform): Synthesis {
  const found: { readonly construct: ApiObject; readonly path: string; readonly manifest: KubernetesManifest }[] = [];
  const secrets: SynthesizedSecret[] = [];
  const seen = new Map<string, string>();
  for (const construct of platform.node.findAll()) {
    const path = construct.node.path.slice(platform.node.path.length + 1);
    if (PlatformSecret.isPlatformSecret(construct)) {
      const { namespace, name, data, labels, annotations } = construct;
      claim(seen, `v1/Secret/${namespace.name}/${name}`, path);
      secrets.push({ namespace: namespace.name, name, data, labels, annotations, path });
    } else if (ApiObject.isApiObject(construct)) {
      found.push({ construct, path, manifest: construct.toJson() as KubernetesManifest });
    }
  }
  const identified = applyOverrides(found, platform.overrides).map(({ construct, path, manifest: plain }) => {
    const component = Component.of(construct);
    const layer = layerOfKind(construct.kind, component?.layer ?? Layer.WORKLOADS);
    const wave = layer + stepOf(construct);
    const manifest = withAnnotation(plain, WAVE_ANNOTATION, String(wave));
    const id = identity(manifest);
    claim(seen, id, path);
    const part = { layer, component: component?.componentName ?? DEFAULT_COMPONENT };
    const { namespace } = manifest.metadata;
    const deployedBy = platform.deployerOf({ ...part, ...(namespace === undefined ? {} : { namespace }) });
    return { id, object: { manifest, ...part, wave, path, ...(deployedBy === undefined ? {} : { deployedBy }) } };
  });
  identified.sort((a, b) => a.object.wave - b.object.wave || rank(a.object) - rank(b.object) || compare(a.id, b.id));
  const objects = identified.map(({ object }) => object);
  secrets.sort((a, b) => compare(`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`));
  return {
    platform: platform.name,
    objects: withDependencies(objects),
    secrets,
    expectedSecrets: platform.expectedSecrets,
    accesses: platform.accesses,
    ...(platform.cloud === undefined ? {} : { cloud: platform.cloud.needs }),
  };
}

/** Whoever applies a file from its beginning to its end must find each namespace made. */
function rank({ manifest }: SynthesizedObject): number {
  return manifest.kind === 'Namespace' ? 0 : 1;
}

/** `apps/v1/Deployment/namespace/name`: what the API server knows an object by. */
export function identity(manifest: KubernetesManifest): string {
  return `${manifest.apiVersion}/${manifest.kind}/${manifest.metadata.namespace ?? ''}/${manifest.metadata.name}`;
}

/**
 * The rendered files by their path below the output folder, `20-foundations/minio.k8s.yaml`, sorted by path.
 *
 * @throws Error when a value is known only at deployment: a manifest with a token in it must never be applied
 */
export function renderFiles(synthesis: Synthesis): Map<string, string> {
  const documents = new Map<string, KubernetesManifest[]>();
  for (const { manifest, layer, component } of synthesis.objects) {
    const path = `${layerFolder(layer)}/${component}.k8s.yaml`;
    const file = documents.get(path);
    if (file === undefined) documents.set(path, [manifest]);
    else file.push(manifest);
  }
  const files = [...documents].sort(([a], [b]) => compare(a, b));
  return new Map(files.map(([path, manifests]) => [path, complete(manifests.map(manifestYaml).join('---\n'))]));
}

function complete(text: string): string {
  const unknown = deployTimeIds(text);
  if (unknown.length > 0) throw new Error(missingDeployTimeValues(unknown));
  return text;
}

/** Tells each workload which workloads of the nearest lower wave it waits for. @param objects sorted by wave */
function withDependencies(objects: readonly SynthesizedObject[]): readonly SynthesizedObject[] {
  const byWave = new Map<number, SynthesizedObject[]>();
  for (const object of objects) {
    if (!AWAITED_KINDS.has(object.manifest.kind)) continue;
    const wave = byWave.get(object.wave);
    if (wave === undefined) byWave.set(object.wave, [object]);
    else wave.push(object);
  }
  const waves = [...byWave.keys()];
  return objects.map((object) => {
    if (!AWAITED_KINDS.has(object.manifest.kind)) return object;
    const before = byWave.get(waves[waves.indexOf(object.wave) - 1] ?? Number.NaN);
    if (before === undefined) return object;
    const references = before.map(({ manifest }) => dependencyReference(manifest)).join(',');
    return { ...object, manifest: withAnnotation(object.manifest, DEPENDS_ON_ANNOTATION, references) };
  });
}

/** `apps/namespaces/data/StatefulSet/postgres`: how cli-utils names an object that lives in a namespace. */
function dependencyReference({ apiVersion, kind, metadata }: KubernetesManifest): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return `${group}/namespaces/${metadata.namespace ?? ''}/${kind}/${metadata.name}`;
}

function withAnnotation(manifest: KubernetesManifest, name: string, value: string): KubernetesManifest {
  const { metadata } = manifest;
  return { ...manifest, metadata: { ...metadata, annotations: { ...metadata.annotations, [name]: value } } };
}

function claim(seen: Map<string, string>, id: string, path: string): void {
  const other = seen.get(id);
  if (other !== undefined)
    throw new Error(
      `two constructs make the same object ${id}: "${other}" and "${path}"; give one of them another name`,
    );
  seen.set(id, path);
}
