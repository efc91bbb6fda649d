/** A stretch of time, in milliseconds since 1970. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What a grid took, beside what its trainings take by themselves. */
export interface GridCost {
  /** Wall time by the sum of the trainings divided by `slots`. */
  readonly ratio: number;
  /** From the start of the workflow to the end of its last training. */
  readonly wallSeconds: number;
  readonly trainingSeconds: number;
  /** The cores, or the most trainings that ran at once where these are more: then each of them was slower, and their sum is longer. */
  readonly slots: number;
}

/** What a finished Workflow tells of one of its steps. */
export interface FinishedStep {
  readonly name: string;
  /** From the start of the workflow to the end of the last Pod of the step. */
  readonly wall: Span;
  /** Pods of the step that succeeded, with the time in which they waited for a node, an image and a start. */
  readonly pods: readonly Span[];
}

interface Node {
  readonly type?: string;
  readonly templateName?: string;
  readonly phase?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
}

interface Workflow {
  readonly metadata?: { readonly name?: string };
  readonly status?: {
    readonly phase?: string;
    readonly startedAt?: string;
    readonly nodes?: Readonly<Record<string, Node>>;
  };
}

/**
 * Reads a Workflow of Argo as `kubectl get workflow NAME --output json` gives it.
 *
 * @param step name of the template whose Pods count
 * @throws Error when it has not succeeded, or does not tell its steps
 */
export function finishedStep(workflow: unknown, step: string): FinishedStep {
  const { metadata, status } = workflow as Workflow;
  const name = metadata?.name ?? 'without a name';
  if (status?.phase !== 'Succeeded') {
    throw new Error(`workflow ${name}: phase ${status?.phase ?? 'none'} given, Succeeded expected; wait for its end`);
  }
  const start = instant(status.startedAt);
  const pods = Object.values(status.nodes ?? {})
    .filter(({ type, templateName, phase }) => type === 'Pod' && templateName === step && phase === 'Succeeded')
    .map(({ startedAt, finishedAt }) => ({ start: instant(startedAt), end: instant(finishedAt) }));
  if (pods.length === 0) {
    throw new Error(`workflow ${name}: no Pod of a step "${step}" in its status; name another workflow`);
  }
  return { name, wall: { start, end: Math.max(...pods.map(({ end }) => end)) }, pods };
}

function instant(text: string | undefined): number {
  const value = Date.parse(text ?? '');
  if (Number.isNaN(value)) throw new Error(`${text ?? 'nothing'} given, an instant expected`);
  return value;
}

/**
 * What a grid cost, of its step and what each training has logged about itself.
 *
 * @param trainings from start to end of each run, without the start of its Pod
 * @throws Error when there are not as many trainings as Pods
 */
export function gridCost({ name, wall, pods }: FinishedStep, trainings: readonly Span[], cores: number): GridCost {
  if (trainings.length !== pods.length) {
    throw new Error(
      `workflow ${name}: ${trainings.length} trainings for ${pods.length} Pods; they must be of one grid`,
    );
  }
  const slots = Math.max(cores, mostAtOnce(trainings));
  const wallSeconds = (wall.end - wall.start) / 1000;
  const trainingSeconds = trainings.reduce((sum, { start, end }) => sum + end - start, 0) / 1000;
  return { ratio: wallSeconds / (trainingSeconds / slots), wallSeconds, trainingSeconds, slots };
}

/** How many of some spans have an instant in common, at most. */
function mostAtOnce(spans: readonly Span[]): number {
  return Math.max(
    ...spans.map(({ start }) => spans.filter((other) => other.start <= start && start < other.end).length),
  );
}
