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

/** Where the spec of a workflow stands, in each kind of Argo that has one. */
const WORKFLOW_SPEC: Readonly<Record<string, readonly string[]>> = {
  Workflow: ['spec'],
  WorkflowTemplate: ['spec'],
  ClusterWorkflowTemplate: ['spec'],
  CronWorkflow: ['spec', 'workflowSpec'],
};

/** Kinds whose Pods run until they are stopped. */
const LONG_RUNNING = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']);

/** The Pods that an object makes. */
export class PodView {
  readonly labels: Labels;

  /**
   * @param metadata labels and annotations of the Pods
   * @param spec what all their containers have in common
   * @param containers containers and init containers
   * @param lastingContainers those that run as long as the Pod does: init containers that restart always among them
   */
  private constructor(
    readonly metadata: Field,
    readonly spec: Field,
    readonly containers: readonly Field[],
    readonly lastingContainers: readonly Field[],
  ) {
    this.labels = metadata.at('labels').textMap;
  }

  /** The Pods of a template, as Kubernetes' own kinds have it. */
  static ofTemplate(template: Field): PodView {
    const spec = template.at('spec');
    const init = spec.at('initContainers').items();
    const main = spec.at('containers').items();
    const lasting = [...init.filter((container) => container.at('restartPolicy').text === 'Always'), ...main];
    return new PodView(template.at('metadata'), spec, [...init, ...main], lasting);
  }

  /** The Pods of a workflow's steps, whose spec has fields of the same names as that of a Pod. */
  static ofWorkflow(spec: Field): PodView {
    const main: Field[] = [];
    const init: Field[] = [];
    for (const step of spec.at('templates').items()) {
      main.push(...[step.at('container'), step.at('script')].filter(({ exists }) => exists));
      main.push(...step.at('containerSet', 'containers').items(), ...step.at('sidecars').items());
      init.push(...step.at('initContainers').items());
    }
    return new PodView(spec.at('podMetadata'), spec, [...init, ...main], main);
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
    this.pod = this.podView();
  }

  private podView(): PodView | undefined {
    const template = POD_TEMPLATE[this.kind];
    if (template !== undefined) return PodView.ofTemplate(this.root.at(...template));
    const workflow = this.group === 'argoproj.io' ? WORKFLOW_SPEC[this.kind] : undefined;
    return workflow === undefined ? undefined : PodView.ofWorkflow(this.root.at(...workflow));
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
