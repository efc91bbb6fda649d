import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { Component, Connections, dnsLabel, Layer, lazily } from '../platform';
import { wholeNumber } from '../platform/whole-number';
import type { Combination, Grid } from './grid-search';
import type { IWorkflowEngine } from './workflow-engine';
import {
  type AnyGrid,
  type DeclaredTask,
  gridParameter,
  podsOf,
  WORKFLOW_BYTES_MAX,
  workflowBytes,
  workflowSpec,
} from './workflow-spec';
import { type WorkflowContainer, type WorkflowRetry, WorkflowTask, type WorkflowTaskProps } from './workflow-task';

const API_VERSION = 'argoproj.io/v1alpha1';
/** Seconds. */
export const DAY = 24 * 3600;
/** Why its objects may have a version that is not stable. */
const WHY_ALPHA = 'Argo Workflows serves its kinds in this version and in no other.';

/** What all workflows have. */
export interface WorkflowProps {
  readonly engine: IWorkflowEngine;
  /** Values that whoever submits it may replace: `{{workflow.parameters.name}}`. @default - none but the grids */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Pods of one run at the same time. @default 4 */
  readonly parallelism?: number;
  /** Seconds that one run may take. @default 86400, a day */
  readonly deadlineSeconds?: number;
  /** @default - two more tries, 30 and 60 seconds later */
  readonly retry?: WorkflowRetry;
  /** Days that a run is kept after it ended well. @default 1 */
  readonly keepSuccessfulDays?: number;
  /** Days that a run is kept after it failed. @default 7 */
  readonly keepFailedDays?: number;
  /** User and group of what runs in its steps, not 0. @default 1000 */
  readonly uid?: number;
}

/** A step that runs once, or once for each combination. */
type Containers<V> = { readonly container: WorkflowContainer | ((values: V) => WorkflowContainer) };

/**
 * Steps in containers, some after others and some for each combination of a grid. Its Pods are one consumer of whatever they use:
 * `mlflow.grantUse(workflow)`, `bucket.grantRead(workflow)`.
 */
export abstract class ArgoWorkflow extends Component {
  /** Traffic of its Pods. */
  readonly connections: Connections;
  /** Name under which its Pods have accounts and users. */
  readonly consumerName: string;
  protected readonly engine: IWorkflowEngine;
  private readonly declared: DeclaredTask[] = [];
  private readonly parallelism: number;
  private readonly deadlineSeconds: number;

  protected constructor(
    scope: Construct,
    id: string,
    private readonly props: WorkflowProps,
  ) {
    super(scope, id, Layer.WORKLOADS, { namespace: props.engine.workflowNamespace });
    this.engine = props.engine;
    this.consumerName = this.componentName;
    this.parallelism = wholeNumber('parallelism', props.parallelism ?? 4, 1, this.engine.mostPods);
    this.deadlineSeconds = wholeNumber('deadlineSeconds', props.deadlineSeconds ?? DAY, 1, 365 * DAY);
    wholeNumber('uid', props.uid ?? 1000, 1, 2 ** 31 - 1);
    this.connections = new Connections(this, 'connections', {
      namespace: this.namespace,
      name: `${this.componentName}-steps`,
      podLabels: this.selector('workflow', 'step'),
    });
    this.engine.connectSteps(this.connections);
  }

  /** Pods that one run makes, as long as none is tried again. */
  get pods(): number {
    return podsOf(this.declared);
  }

  /**
   * A step.
   *
   * @param task its container, which finds an input as `{{inputs.parameters.name}}`: the function gets these texts by name
   * @throws Error when its name is no DNS label or is taken
   */
  addTask(task: WorkflowTaskProps & Containers<Readonly<Record<string, string>>>): WorkflowTask {
    return this.add(task, undefined);
  }

  /**
   * A step that runs once for each combination, side by side as far as `parallelism` lets them. The list is the parameter `<name>-grid` of the
   * workflow: who submits it may give another one.
   *
   * @param task its container: the function gets, by the names of the parameters, what Argo puts the values in place of
   * @throws Error when its name is no DNS label or is taken, or when an input has the name of a parameter
   */
  addFanOut<C extends Combination>(
    grid: Grid<C>,
    task: WorkflowTaskProps & Containers<Readonly<Record<keyof C & string, string>>>,
  ): WorkflowTask {
    return this.add(task, grid);
  }

  /** The spec. @throws Error when there is no step, or when it would be too large to be stored */
  protected spec(): Readonly<Record<string, unknown>> {
    const { props, declared } = this;
    if (declared.length === 0) throw new Error(`workflow "${this.node.path}" has no step: give it one by addTask`);
    const spec = workflowSpec({
      tasks: declared,
      parameters: props.parameters ?? {},
      podLabels: this.labels('workflow', 'step'),
      executorName: this.engine.executorName,
      uid: props.uid ?? 1000,
      parallelism: this.parallelism,
      deadlineSeconds: this.deadlineSeconds,
      retry: checkedRetry(props.retry),
      keepSeconds: {
        success: wholeNumber('keepSuccessfulDays', props.keepSuccessfulDays ?? 1, 0, 3650) * DAY,
        failure: wholeNumber('keepFailedDays', props.keepFailedDays ?? 7, 0, 3650) * DAY,
      },
    });
    const bytes = workflowBytes(spec, declared, this.engine.offloadsStatus);
    if (bytes > WORKFLOW_BYTES_MAX) {
      const remedy = this.engine.offloadsStatus
        ? ''
        : ', or give the engine a database, which then keeps what is known of steps';
      throw new Error(
        `workflow "${this.node.path}" would be an object of about ${Math.ceil(bytes / 1024)} KiB while its ${this.pods} Pods run, ` +
          `and etcd takes ${WORKFLOW_BYTES_MAX / 1024}: split its grid over several workflows${remedy}`,
      );
    }
    return spec;
  }

  /** @param name of the object @param rest of its fields, asked for at synthesis */
  protected object(kind: string, name: string, rest: () => Readonly<Record<string, unknown>>): void {
    new ApiObject(this, 'workflow', {
      apiVersion: API_VERSION,
      kind,
      metadata: {
        name,
        namespace: this.namespace.name,
        labels: this.labels('workflow', 'step'),
        annotations: { 'bouture.dev/suppress.stable-api': WHY_ALPHA },
      },
      spec: lazily(rest),
    });
  }

  private add<V>(task: WorkflowTaskProps & Containers<V>, grid: AnyGrid | undefined): WorkflowTask {
    const { container, ...props } = task;
    const name = dnsLabel('step', props.name);
    const path = `step "${name}" of workflow "${this.node.path}"`;
    if (name === 'main' || this.declared.some((other) => other.props.name === name)) {
      throw new Error(`${path}: the name is taken: give it another one`);
    }
    if (grid !== undefined && gridParameter(name) in (this.props.parameters ?? {})) {
      throw new Error(
        `${path}: parameter "${gridParameter(name)}" of the workflow holds its combinations: call yours otherwise`,
      );
    }
    const twice = Object.keys(props.inputs ?? {}).find((input) => grid?.parameters.includes(input) === true);
    if (twice !== undefined)
      throw new Error(`${path}: "${twice}" is an input and a parameter: call the input otherwise`);
    checkedRetry(props.retry);
    if (props.deadlineSeconds !== undefined)
      wholeNumber('deadlineSeconds', props.deadlineSeconds, 1, this.deadlineSeconds);
    const inputs = [...Object.keys(props.inputs ?? {}), ...(grid?.parameters ?? [])];
    const values = Object.fromEntries(inputs.map((input) => [input, `{{inputs.parameters.${input}}}`])) as V;
    this.declared.push({
      props,
      container: typeof container === 'function' ? container(values) : container,
      ...(grid === undefined ? {} : { grid }),
    });
    return new WorkflowTask(name, Object.keys(props.outputs ?? {}));
  }
}

function checkedRetry(retry: WorkflowRetry = {}): WorkflowRetry {
  if (retry.limit !== undefined) wholeNumber('retry.limit', retry.limit, 0, 20);
  if (retry.backoffSeconds !== undefined) wholeNumber('retry.backoffSeconds', retry.backoffSeconds, 0, 3600);
  return retry;
}
