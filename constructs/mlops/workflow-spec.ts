import { containerSecurityContext, env, k8s, podSecurityContext, resourceRequirements } from '../platform';
import type { Combination } from './grid-search';
import { type WorkflowContainer, WorkflowOutput, type WorkflowRetry, type WorkflowTaskProps } from './workflow-task';

/** What the API server takes of one object, less a third for what the controller writes beside it: `MAX_WORKFLOW_SIZE` of Argo. */
export const WORKFLOW_BYTES_MAX = 1024 * 1024;
/** What the controller writes into a workflow for one Pod and its tries, at most, beside the arguments, which stand there twice. */
const NODE_BYTES = 2500;

/** A grid of whatever parameters. */
export interface AnyGrid {
  readonly parameters: readonly string[];
  readonly combinations: readonly Combination[];
  readonly json: string;
}

/** A step as the workflow keeps it. */
export interface DeclaredTask {
  readonly props: WorkflowTaskProps;
  readonly container: WorkflowContainer;
  /** Runs once for each combination. @default - once */
  readonly grid?: AnyGrid;
}

/** A workflow as it is when everything has been added. */
export interface DeclaredWorkflow {
  readonly tasks: readonly DeclaredTask[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly executorName: string;
  readonly uid: number;
  readonly parallelism: number;
  readonly deadlineSeconds: number;
  readonly retry: WorkflowRetry;
  readonly keepSeconds: { readonly success: number; readonly failure: number };
}

/** The parameter of a workflow that holds the combinations of one of its steps. */
export function gridParameter(task: string): string {
  return `${task}-grid`;
}

/** The spec of a Workflow, which is also that of a WorkflowTemplate and the greater part of a CronWorkflow's. */
export function workflowSpec(workflow: DeclaredWorkflow): Readonly<Record<string, unknown>> {
  const { tasks, executorName, keepSeconds } = workflow;
  const parameters = [
    ...Object.entries(workflow.parameters),
    ...tasks.flatMap(({ props: { name }, grid }) => (grid === undefined ? [] : [[gridParameter(name), grid.json]])),
  ];
  return {
    entrypoint: 'main',
    serviceAccountName: executorName,
    automountServiceAccountToken: false,
    executor: { serviceAccountName: executorName },
    securityContext: podSecurityContext(workflow.uid),
    podMetadata: { labels: workflow.podLabels },
    parallelism: workflow.parallelism,
    activeDeadlineSeconds: workflow.deadlineSeconds,
    ttlStrategy: { secondsAfterSuccess: keepSeconds.success, secondsAfterFailure: keepSeconds.failure },
    podGC: { strategy: 'OnPodSuccess', deleteDelayDuration: '600s' },
    ...(parameters.length === 0
      ? {}
      : { arguments: { parameters: parameters.map(([name, value]) => ({ name, value })) } }),
    volumes: volumesOf(tasks).map((volume) => k8s.toJson_Volume(volume)),
    templates: [{ name: 'main', dag: { tasks: tasks.map(dagTask) } }, ...tasks.map((task) => template(task, workflow))],
  };
}

/** Bytes that the object may have while all its steps run. @param isOffloaded what is known of steps is kept elsewhere */
export function workflowBytes(spec: object, tasks: readonly DeclaredTask[], isOffloaded: boolean): number {
  const nodes = tasks.map(({ grid }) =>
    grid === undefined ? NODE_BYTES : grid.combinations.length * NODE_BYTES + 2 * grid.json.length,
  );
  // A workflow of a template holds a copy of the template's spec in its status.
  return 2 * Buffer.byteLength(JSON.stringify(spec)) + (isOffloaded ? 0 : nodes.reduce((sum, bytes) => sum + bytes, 0));
}

/** Pods that one run makes, as long as none is tried again. */
export function podsOf(tasks: readonly DeclaredTask[]): number {
  return tasks.reduce((sum, { grid }) => sum + (grid?.combinations.length ?? 1), 0);
}

function dagTask({ props, grid }: DeclaredTask): Readonly<Record<string, unknown>> {
  const { name, after = [], when, inputs = {} } = props;
  const given = Object.entries(inputs).map(([input, value]): [string, string] => [
    input,
    value instanceof WorkflowOutput ? value.expression : value,
  ]);
  const items = (grid?.parameters ?? []).map((parameter): [string, string] => [parameter, `{{item.${parameter}}}`]);
  const parameters = [...given, ...items].map(([parameter, value]) => ({ name: parameter, value }));
  const before = [
    ...after,
    ...Object.values(inputs).flatMap((value) => (value instanceof WorkflowOutput ? [value.task] : [])),
  ];
  return {
    name,
    template: name,
    ...(before.length === 0 ? {} : { dependencies: [...new Set(before.map((task) => task.name))] }),
    ...(when === undefined ? {} : { when }),
    ...(parameters.length === 0 ? {} : { arguments: { parameters } }),
    ...(grid === undefined ? {} : { withParam: `{{workflow.parameters.${gridParameter(name)}}}` }),
  };
}

function template(task: DeclaredTask, workflow: DeclaredWorkflow): Readonly<Record<string, unknown>> {
  const { props, container, grid } = task;
  const inputs = [...Object.keys(props.inputs ?? {}), ...(grid?.parameters ?? [])];
  const outputs = Object.entries(props.outputs ?? {});
  return {
    name: props.name,
    ...(inputs.length === 0 ? {} : { inputs: { parameters: inputs.map((name) => ({ name })) } }),
    ...(outputs.length === 0
      ? {}
      : { outputs: { parameters: outputs.map(([name, path]) => ({ name, valueFrom: { path } })) } }),
    ...(props.deadlineSeconds === undefined ? {} : { activeDeadlineSeconds: props.deadlineSeconds }),
    retryStrategy: retryStrategy({ ...workflow.retry, ...props.retry }),
    container: k8s.toJson_Container(rendered(container)),
  };
}

function retryStrategy({ limit = 2, policy = 'Always', backoffSeconds = 30 }: WorkflowRetry): object {
  return {
    limit: String(limit),
    retryPolicy: policy,
    backoff: { duration: `${backoffSeconds}s`, factor: '2' },
  };
}

function rendered({
  image,
  command,
  args,
  env: variables = [],
  resources,
  mounts = [],
}: WorkflowContainer): k8s.Container {
  return {
    // The API's type wants a name; Argo calls it main whatever it says.
    name: 'main',
    image: image.reference,
    imagePullPolicy: 'IfNotPresent',
    command: [...command],
    ...(args === undefined ? {} : { args: [...args] }),
    workingDir: '/tmp',
    env: [env('HOME', '/tmp'), ...variables],
    resources: resourceRequirements(resources),
    securityContext: containerSecurityContext(),
    volumeMounts: [
      { name: 'scratch', mountPath: '/tmp' },
      ...mounts.map(({ volume, mountPath, readOnly = true }) => ({ name: volume.name, mountPath, readOnly })),
    ],
  };
}

/** @throws Error when two volumes have one name */
function volumesOf(tasks: readonly DeclaredTask[]): readonly k8s.Volume[] {
  const volumes = new Map<string, k8s.Volume>([['scratch', { name: 'scratch', emptyDir: {} }]]);
  for (const { props, container } of tasks) {
    for (const { volume } of container.mounts ?? []) {
      const known = volumes.get(volume.name);
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(volume)) {
        throw new Error(
          `step "${props.name}" has a volume "${volume.name}" which is another one in the workflow: give it another name`,
        );
      }
      volumes.set(volume.name, volume);
    }
  }
  return [...volumes.values()];
}
