import type { KubernetesManifest } from '../kubernetes';
import type { Profile } from '../profile';
import { Field } from './field';
import { type Labels, selects } from './selector';

/** Where the Pod template of each workload kind stands. */
const POD_TEMPLATE: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};

/** Kinds whose Pods run until they are stopped. */
const LONG_RUNNING = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']);

/** The Pods that an object makes. */
export class PodView {
  readonly spec: Field;
  readonly labels: Labels;
  /** Containers and init containers. */
  readonly containers: readonly Field[];
  /** Containers that run as long as the Pod does: init containers that restart always among them. */
  readonly lastingContainers: readonly Field[];

  constructor(readonly template: Field) {
    this.spec = template.at('spec');
    this.labels = template.at('metadata', 'labels').textMap;
    const init = this.spec.at('initContainers').items();
    const main = this.spec.at('containers').items();
    this.containers = [...init, ...main];
    this.lastingContainers = [...init.filter((container) => container.at('restartPolicy').text === 'Always'), ...main];
  }
}

/** One object as the rules read it. */
export class ObjectView {
  readonly root: Field;
  readonly apiVersion: string;
  /** API group; empty for the core group. */
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly labels: Labels;
  readonly annotations: Labels;
  /** @default - undefined when the object makes no Pods */
  readonly pod: PodView | undefined;

  constructor(
    readonly manifest: KubernetesManifest,
    /** File that the object stands in. @default - unknown */
    readonly file?: string,
  ) {
    this.root = new Field(manifest);
    this.apiVersion = this.root.at('apiVersion').text ?? '';
    this.group = this.apiVersion.includes('/') ? this.apiVersion.replace(/\/.*$/, '') : '';
    this.kind = this.root.at('kind').text ?? '';
    const metadata = this.root.at('metadata');
    this.name = metadata.at('name').text ?? '';
    this.namespace = metadata.at('namespace').text;
    this.labels = metadata.at('labels').textMap;
    this.annotations = metadata.at('annotations').textMap;
    const template = POD_TEMPLATE[this.kind];
    this.pod = template === undefined ? undefined : new PodView(this.root.at(...template));
  }

  /** What most kinds say everything in. */
  get spec(): Field {
    return this.root.at('spec');
  }

  /** True when its Pods run until they are stopped. */
  get isLongRunning(): boolean {
    return LONG_RUNNING.has(this.kind);
  }

  /** `Deployment platform-minio/minio`: what people call it. */
  get title(): string {
    return `${this.kind} ${this.namespace === undefined ? '' : `${this.namespace}/`}${this.name}`;
  }
}

/** An object that makes Pods. */
export type Workload = ObjectView & { readonly pod: PodView };

/** All objects of one platform, with the look-ups that rules over several objects need. */
export class PlatformView {
  /** Namespaces that the platform makes, with their labels. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  private readonly byKind = new Map<string, ObjectView[]>();
  private readonly byName = new Map<string, ObjectView>();
  private readonly workloadsOf = new Map<string, Workload[]>();

  constructor(
    readonly objects: readonly ObjectView[],
    /** Keys of each Secret that the deployment makes or expects, by `namespace/name`. */
    readonly secrets: ReadonlyMap<string, ReadonlySet<string>>,
    readonly profile: Profile,
  ) {
    for (const object of objects) {
      append(this.byKind, object.kind, object);
      this.byName.set(key(object.kind, object.namespace, object.name), object);
      if (isWorkload(object)) append(this.workloadsOf, object.namespace ?? '', object);
    }
    this.namespaces = new Map(
      this.ofKind('Namespace').map(({ name, labels }) => [name, { ...labels, 'kubernetes.io/metadata.name': name }]),
    );
  }

  /** The objects of some kinds, in the platform's order. */
  ofKind(...kinds: readonly string[]): readonly ObjectView[] {
    return kinds.flatMap((kind) => this.byKind.get(kind) ?? []);
  }

  /** The object of a name. @param namespace none for kinds that live in no namespace */
  find(kind: string, namespace: string | undefined, name: string): ObjectView | undefined {
    return this.byName.get(key(kind, namespace, name));
  }

  /** The workloads of a namespace. */
  workloads(namespace: string | undefined): readonly Workload[] {
    return this.workloadsOf.get(namespace ?? '') ?? [];
  }

  /** The workloads of a namespace whose Pods a label selector matches. */
  selected(namespace: string | undefined, selector: Field): readonly Workload[] {
    return this.workloads(namespace).filter(({ pod }) => selects(selector, pod.labels));
  }
}

/** Whether an object makes Pods. */
export function isWorkload(object: ObjectView): object is Workload {
  return object.pod !== undefined;
}

function key(kind: string, namespace: string | undefined, name: string): string {
  return `${kind}/${namespace ?? ''}/${name}`;
}

function append<V>(map: Map<string, V[]>, at: string, value: V): void {
  const values = map.get(at);
  if (values === undefined) map.set(at, [value]);
  else values.push(value);
}
