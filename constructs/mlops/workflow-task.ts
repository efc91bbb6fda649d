import type { ContainerResources, ImageReference, k8s } from '../platform';

/** A volume, and where a container has it. */
export interface WorkflowMount {
  /** One volume of a name for the whole workflow. */
  readonly volume: k8s.Volume;
  readonly mountPath: string;
  /** @default true */
  readonly readOnly?: boolean;
}

/** What a step runs, under Pod Security `restricted`: nothing can be written but `/tmp`, which is empty at first. */
export interface WorkflowContainer {
  readonly image: ImageReference;
  /** Argo starts it by this, not by what the image says. */
  readonly command: readonly string[];
  /** @default - none */
  readonly args?: readonly string[];
  /** @default - HOME, which is /tmp */
  readonly env?: readonly k8s.EnvVar[];
  /** Of one Pod. */
  readonly resources: ContainerResources;
  /** @default - /tmp */
  readonly mounts?: readonly WorkflowMount[];
}

/** How often a step that went wrong is tried again. */
export interface WorkflowRetry {
  /** Tries after the first one, 0 to 20. @default 2 */
  readonly limit?: number;
  /**
   * After what: `Failure` of the program, `Error` of what surrounds it, such as a node that went away.
   *
   * @default 'Always'
   */
  readonly policy?: 'Always' | 'OnFailure' | 'OnError' | 'OnTransientError';
  /** Seconds before the first of these tries, doubled for each further one. @default 30 */
  readonly backoffSeconds?: number;
}

/** One step, which other steps can wait for. */
export interface WorkflowTaskProps {
  /** A DNS label; with the workflow's, the name of its Pods. */
  readonly name: string;
  /** Steps that must have ended well before. @default - those whose outputs it takes */
  readonly after?: readonly WorkflowTask[];
  /** Expression of Argo that must be true: `{{workflow.parameters.mode}} == full`. @default - it always runs */
  readonly when?: string;
  /** What it takes by name: an output of another step, or a text. @default - nothing */
  readonly inputs?: Readonly<Record<string, WorkflowOutput | string>>;
  /** What it gives by name: each a file that it writes below `/tmp`. @default - nothing */
  readonly outputs?: Readonly<Record<string, string>>;
  /** @default - as the workflow has it */
  readonly retry?: WorkflowRetry;
  /** Seconds that one try may take. @default - what the workflow may take */
  readonly deadlineSeconds?: number;
}

/** What another step gave. Of a step that runs for each combination it is the list of all, as JSON. */
export class WorkflowOutput {
  constructor(
    readonly task: WorkflowTask,
    readonly name: string,
  ) {}

  /** What Argo puts the value in place of, in arguments of steps that come after. */
  get expression(): string {
    return `{{tasks.${this.task.name}.outputs.parameters.${this.name}}}`;
  }
}

/** A step of a workflow. Made by `addTask` and `addFanOut`. */
export class WorkflowTask {
  constructor(
    readonly name: string,
    private readonly outputs: readonly string[],
  ) {}

  /** @throws Error when the step gives none of this name */
  output(name: string): WorkflowOutput {
    if (!this.outputs.includes(name)) {
      throw new Error(
        `step "${this.name}" gives no "${name}": it gives ${this.outputs.length === 0 ? 'nothing' : this.outputs.join(', ')}`,
      );
    }
    return new WorkflowOutput(this, name);
  }
}
