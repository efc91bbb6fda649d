import { GpuNodes, type IGpuPool } from '../../constructs/compute';
import { type ClientRequirement, ExternalIdentityProvider } from '../../constructs/identity';
import type { ExpectedSecret, Platform, Synthesis } from '../../constructs/platform';
import { ExternalObjectStore, type PeopleSetup } from '../../constructs/storage';
import { Field, ObjectView, quantity } from '../../constructs/platform/rules';
import { type UsedImage, usedImages } from '../images';

/** A kind that the platform makes, with the namespaces that it makes it in; none for kinds that live in no namespace. */
export interface NeededKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespaces: readonly string[];
}

/** An identity provider that somebody else runs, and what its clients must be and emit. */
export interface NeededIdentityProvider {
  readonly issuer: string;
  readonly clients: readonly ClientRequirement[];
  readonly groups: readonly string[];
}

/** Nodes with GPUs that a platform expects. */
export interface NeededGpus {
  readonly pools: readonly Pick<IGpuPool, 'name' | 'resource' | 'nodeGroup' | 'devicePlugin'>[];
  /** The RuntimeClass that puts cards into containers, and whether the platform makes it. @default - the nodes' own runtime does it */
  readonly runtimeClass?: { readonly name: string; readonly isOwn: boolean };
}

/** What a platform expects of the nodes of its GPU pools. */
export function neededGpus(nodes: GpuNodes): NeededGpus {
  const { pools, runtimeClassName: name, makesRuntimeClass: isOwn } = nodes;
  return { pools, ...(name === undefined ? {} : { runtimeClass: { name, isOwn } }) };
}

/** What a platform expects of its cluster, read from its objects. */
export interface Needs {
  readonly platform: string;
  readonly kinds: readonly NeededKind[];
  readonly namespaces: readonly string[];
  /** StorageClasses of its volumes; undefined among them stands for the default class. */
  readonly storageClasses: readonly (string | undefined)[];
  readonly ingressClasses: readonly string[];
  readonly gatewayClasses: readonly string[];
  /** Gateways of others that its routes attach to, as `namespace/name`. */
  readonly gateways: readonly string[];
  /** ClusterIssuers of cert-manager. */
  readonly clusterIssuers: readonly string[];
  readonly dns: { readonly namespace: string; readonly podLabels: Readonly<Record<string, string>> };
  readonly images: readonly UsedImage[];
  /** Secrets that somebody else makes. */
  readonly expectedSecrets: readonly ExpectedSecret[];
  /** Identity providers that somebody else runs. */
  readonly identityProviders: readonly NeededIdentityProvider[];
  /** Object stores that somebody else runs and people use. */
  readonly peopleStores: readonly PeopleSetup[];
  /** Nodes with GPUs. */
  readonly gpus: readonly NeededGpus[];
  /** CPUs and bytes of memory that its lasting Pods ask for. */
  readonly requests: { readonly cpu: number; readonly memory: number };
  /** What follows the load of its Pods, as `namespace/name`: by readings of their CPU and memory, which the cluster must serve. */
  readonly autoscaled: readonly string[];
}

/** Reads what a platform expects of its cluster. @param imageKeys keys of the image lock */
export function needsOf(platform: Platform, synthesis: Synthesis, imageKeys: readonly string[]): Needs {
  const objects = synthesis.objects.map(({ manifest }) => new ObjectView(manifest));
  const ofKind = (kind: string): readonly ObjectView[] => objects.filter((object) => object.kind === kind);
  const texts = (fields: readonly Field[]): readonly string[] => unique(fields.flatMap(({ text }) => text ?? []));
  const claims = [
    ...objects.flatMap(({ spec }) =>
      spec
        .at('volumeClaimTemplates')
        .items()
        .map((claim) => claim.at('spec')),
    ),
    ...ofKind('PersistentVolumeClaim').map(({ spec }) => spec),
  ];
  const ownGateways = new Set(ofKind('Gateway').map(({ namespace, name }) => `${namespace ?? ''}/${name}`));
  const parents = ofKind('HTTPRoute').flatMap(({ namespace, spec }) =>
    spec
      .at('parentRefs')
      .items()
      .map((parent) => `${parent.at('namespace').text ?? namespace ?? ''}/${parent.at('name').text ?? ''}`),
  );
  return {
    platform: synthesis.platform,
    kinds: neededKinds(objects, synthesis),
    namespaces: ofKind('Namespace').map(({ name }) => name),
    storageClasses: [...new Set(claims.map((claim) => claim.at('storageClassName').text))],
    ingressClasses: texts(ofKind('Ingress').map(({ spec }) => spec.at('ingressClassName'))),
    gatewayClasses: texts(ofKind('Gateway').map(({ spec }) => spec.at('gatewayClassName'))),
    gateways: unique(parents.filter((gateway) => !ownGateways.has(gateway))),
    clusterIssuers: unique([
      ...texts(
        ofKind('Certificate')
          .map(({ spec }) => spec.at('issuerRef'))
          .filter((issuer) => issuer.at('kind').text === 'ClusterIssuer')
          .map((issuer) => issuer.at('name')),
      ),
      ...objects.flatMap(({ annotations }) => annotations['cert-manager.io/cluster-issuer'] ?? []),
    ]),
    dns: platform.dns,
    images: usedImages(synthesis, platform.images, imageKeys),
    expectedSecrets: synthesis.expectedSecrets,
    identityProviders: platform.node
      .findAll()
      .filter((construct) => construct instanceof ExternalIdentityProvider)
      .map(({ issuer, requirements, expectedGroups }) => ({ issuer, clients: requirements, groups: expectedGroups })),
    peopleStores: platform.node
      .findAll()
      .filter((construct) => construct instanceof ExternalObjectStore)
      .flatMap(({ people }) => people?.setup ?? []),
    gpus: platform.node
      .findAll()
      .filter((construct) => construct instanceof GpuNodes)
      .map(neededGpus),
    requests: { cpu: requested(objects, 'cpu'), memory: requested(objects, 'memory') },
    autoscaled: ofKind('HorizontalPodAutoscaler').map(({ namespace, name }) => `${namespace ?? ''}/${name}`),
  };
}

function neededKinds(objects: readonly ObjectView[], { secrets }: Synthesis): readonly NeededKind[] {
  // A kind that the platform brings itself is not there yet.
  const own = new Set(
    objects
      .filter(({ kind }) => kind === 'CustomResourceDefinition')
      .map(({ spec }) => `${spec.at('group').text ?? ''} ${spec.at('names', 'kind').text ?? ''}`),
  );
  const made = [
    ...objects
      .filter(({ group, kind }) => !own.has(`${group} ${kind}`))
      .map(({ apiVersion, kind, namespace }) => ({ apiVersion, kind, namespace })),
    ...secrets.map(({ namespace }) => ({ apiVersion: 'v1', kind: 'Secret', namespace })),
  ];
  const kinds = new Map<string, { apiVersion: string; kind: string; namespaces: Set<string> }>();
  for (const { apiVersion, kind, namespace } of made) {
    const known = kinds.get(`${apiVersion} ${kind}`) ?? { apiVersion, kind, namespaces: new Set<string>() };
    if (namespace !== undefined) known.namespaces.add(namespace);
    kinds.set(`${apiVersion} ${kind}`, known);
  }
  return [...kinds.values()].map(({ namespaces, ...kind }) => ({ ...kind, namespaces: [...namespaces] }));
}

function requested(objects: readonly ObjectView[], resource: string): number {
  return objects
    .filter(({ isLongRunning }) => isLongRunning)
    .reduce((sum, { spec, pod }) => {
      const ofPod = (pod?.lastingContainers ?? []).reduce(
        (all, container) => all + (quantity(container.at('resources', 'requests', resource).value) ?? 0),
        0,
      );
      return sum + ofPod * (spec.at('replicas').number ?? 1);
    }, 0);
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
