import type { k8s } from '../platform';
import type { Input } from './expression';
import type { Objects } from './object';
import type { ValueReference } from './references';
import type { Properties, ValuesOf } from './schema';
import type { Template, TemplateItem } from './template';

/** What parts add to a service: objects of their own, and what its Pods need of them. */
export interface Contribution {
  /** @default - none */
  readonly objects?: readonly Objects[];
  /** Environment of the main container. @default - none */
  readonly env?: readonly TemplateItem<k8s.EnvVar>[];
  /** Secrets and ConfigMaps whose keys are the environment of the main container. @default - none */
  readonly envFrom?: readonly TemplateItem<k8s.EnvFromSource>[];
  /** @default - none */
  readonly volumes?: readonly TemplateItem<k8s.Volume>[];
  /** Mounts of the main container. @default - none */
  readonly mounts?: readonly TemplateItem<k8s.VolumeMount>[];
  /** Ports of the main container. @default - none */
  readonly ports?: readonly TemplateItem<k8s.ContainerPort>[];
  /** @default - none */
  readonly initContainers?: readonly TemplateItem<k8s.Container>[];
  /** Annotations of the Pods: a hash in one of them restarts the Pods. @default - none */
  readonly podAnnotations?: Readonly<Record<string, Input<string>>>;
  /** Fields of the Pods that only one part may say anything of. @default - none */
  readonly pod?: Partial<
    Pick<
      PodFields,
      | 'nodeSelector'
      | 'tolerations'
      | 'runtimeClassName'
      | 'priorityClassName'
      | 'serviceAccountName'
      | 'automountServiceAccountToken'
    >
  >;
  /** Image of the main container. @default - the service names it */
  readonly image?: Input<string>;
  /** Requests and limits of the main container. @default - the service names them */
  readonly resources?: Template<k8s.ResourceRequirements>;
  /** @default - the service names it */
  readonly startupProbe?: ProbeTiming;
  /** How many Pods there are. @default 1 */
  readonly replicas?: Input<number>;
}

/** The fields of a Pod, as templates. */
type PodFields = { readonly [K in keyof k8s.PodSpec]: Template<Exclude<k8s.PodSpec[K], undefined>> };

/** How long a probe waits, in seconds and tries. */
export interface ProbeTiming {
  readonly failureThreshold: Input<number>;
  readonly periodSeconds: Input<number>;
  readonly timeoutSeconds: Input<number>;
  readonly initialDelaySeconds: Input<number>;
}

/** What a part knows of the service that it is for. */
export interface PartContext {
  /** Name of the chart, by which its Pods are selected. */
  readonly chart: string;
}

/** A part that several services share: values of their schema, and what follows from them. */
export interface CatalogPart<P extends Properties> {
  /** The part's own values, by name at the top of the schema. */
  readonly values: P;
  /** What it adds to a service. @param values references to its own values */
  contribute(values: ValueReference<ValuesOf<P>>, context: PartContext): Contribution;
}

/**
 * A part that services of an office share.
 *
 * @param values schemas, by their name at the top of `values.yaml`
 *
 * @example
 * import { definePart, value, when } from 'bouture';
 * const duckdb = definePart(
 *   { duckdb: value.group({ title: 'DuckDB' }, { memory: value.text({ default: '1GB' }) }) },
 *   ({ duckdb }) => ({ env: [{ name: 'DUCKDB_MEMORY', value: duckdb.memory }] }),
 * );
 */
export function definePart<const P extends Properties>(
  values: P,
  contribute: (values: ValueReference<ValuesOf<P>>, context: PartContext) => Contribution,
): CatalogPart<P> {
  return { values, contribute };
}

/** Everything that the parts of a service add, together. */
export type Contributions = Contribution &
  Required<
    Pick<
      Contribution,
      'objects' | 'env' | 'envFrom' | 'volumes' | 'mounts' | 'ports' | 'initContainers' | 'podAnnotations' | 'pod'
    >
  >;

const SINGLE = ['image', 'resources', 'startupProbe', 'replicas'] as const;

/**
 * What parts add, together.
 *
 * @throws Error when two parts say something of what only one may say
 */
export function mergeContributions(contributions: readonly Contribution[]): Contributions {
  for (const key of SINGLE) {
    if (contributions.filter((contribution) => contribution[key] !== undefined).length > 1) {
      throw new Error(`two parts of the service both decide about "${key}": use one of them`);
    }
  }
  const pod = contributions.flatMap((contribution) => Object.keys(contribution.pod ?? {}));
  const twice = pod.find((key, index) => pod.indexOf(key) !== index);
  if (twice !== undefined)
    throw new Error(`two parts of the service both decide about "${twice}" of the Pod: use one of them`);
  const joined = contributions.reduce<Contribution>((all, contribution) => ({ ...all, ...contribution }), {});
  return {
    ...joined,
    objects: contributions.flatMap(({ objects = [] }) => objects),
    env: contributions.flatMap(({ env = [] }) => env),
    envFrom: contributions.flatMap(({ envFrom = [] }) => envFrom),
    volumes: contributions.flatMap(({ volumes = [] }) => volumes),
    mounts: contributions.flatMap(({ mounts = [] }) => mounts),
    ports: contributions.flatMap(({ ports = [] }) => ports),
    initContainers: contributions.flatMap(({ initContainers = [] }) => initContainers),
    podAnnotations: contributions.reduce<Contributions['podAnnotations']>(
      (all, { podAnnotations = {} }) => ({ ...all, ...podAnnotations }),
      {},
    ),
    pod: contributions.reduce<Contributions['pod']>((all, { pod: fields = {} }) => ({ ...all, ...fields }), {}),
  };
}
