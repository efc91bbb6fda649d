import type { Construct } from 'constructs';
import { contentHash, cronSchedule, lazily } from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { ArgoWorkflow, DAY, type WorkflowProps } from './argo-workflow';

/** Ten years. */
const KEPT_DAYS = 3650;

/**
 * A workflow that waits until somebody submits it: `argo submit --from workflowtemplate/<name>`, or a Pod with `engine.grantSubmit`.
 *
 * @throws Error when a number is out of its range; when synthesized, when it has no step or would be too large to be stored
 *
 * @example
 * import { gridSearch, type IWorkflowEngine, registryEnvironment, type IModelRegistry, WorkflowTemplate } from 'bouture';
 * declare const engine: IWorkflowEngine, mlflow: IModelRegistry;
 * const training = new WorkflowTemplate(platform, 'training', { engine, parallelism: 4 });
 * const env = registryEnvironment(mlflow.grantUse(training));
 * training.addFanOut(gridSearch({ dim: [50, 100], lr: [0.1, 0.5] }), {
 *   name: 'train',
 *   container: ({ dim, lr }) => ({
 *     image: platform.images.get('nace-training'),
 *     command: ['python', '-m', 'training', '--dim', dim, '--lr', lr],
 *     env,
 *     resources: { cpu: { request: '1', limit: '1' }, memory: { request: '1Gi', limit: '2Gi' } },
 *   }),
 * });
 */
export class WorkflowTemplate extends ArgoWorkflow {
  constructor(scope: Construct, id: string, props: WorkflowProps) {
    super(scope, id, props);
    this.object('WorkflowTemplate', this.componentName, () => ({
      ...this.spec(),
      workflowMetadata: { labels: this.labels('workflow', 'run') },
    }));
  }
}

/**
 * A workflow that runs once, when it is deployed, and again when anything of it changes: its name holds a hash of what it does. It is kept for
 * ten years, for one that vanished would be made again by the next deployment.
 *
 * @throws Error as a {@link WorkflowTemplate} does
 */
export class Workflow extends ArgoWorkflow {
  constructor(scope: Construct, id: string, props: Omit<WorkflowProps, 'keepSuccessfulDays' | 'keepFailedDays'>) {
    // Without a time to live it would get that of the engine's defaults.
    super(scope, id, { ...props, keepSuccessfulDays: KEPT_DAYS, keepFailedDays: KEPT_DAYS });
    this.object(
      'Workflow',
      lazily(() => `${this.componentName}-${contentHash(this.spec())}`),
      () => this.spec(),
    );
  }
}

export interface CronWorkflowProps extends WorkflowProps {
  /** When, as five fields of cron; each of them starts a run. */
  readonly schedules: readonly string[];
  /** Time zone of the schedules, by its name in the database of IANA. @default 'Etc/UTC' */
  readonly timezone?: string;
  /** What happens to a run that is due while the last one goes on. @default 'Forbid': it is left out */
  readonly concurrencyPolicy?: 'Forbid' | 'Replace';
  /** Seconds after its time that a run which was missed still starts. @default 3600 */
  readonly startingDeadlineSeconds?: number;
  /** Whether it starts nothing by itself. @default false */
  readonly suspend?: boolean;
  /** Expression of Argo that must be true for a run to start. @default - it always does */
  readonly when?: string;
  /** Runs that may fail, all together, before it starts no more. @default - it goes on */
  readonly stopAfterFailures?: number;
}

/**
 * A workflow that runs by the clock.
 *
 * @throws Error when a schedule or the time zone is none, and as a {@link WorkflowTemplate} does
 *
 * @example
 * import { CronWorkflow, type IWorkflowEngine } from 'bouture';
 * declare const engine: IWorkflowEngine;
 * const etl = new CronWorkflow(platform, 'etl', { engine, schedules: ['0 3 * * *'], timezone: 'Europe/Paris' });
 */
export class CronWorkflow extends ArgoWorkflow {
  constructor(scope: Construct, id: string, props: CronWorkflowProps) {
    super(scope, id, props);
    const { schedules, when, stopAfterFailures } = props;
    if (schedules.length === 0) throw new Error(`workflow "${this.node.path}" has no schedule: give at least one`);
    const fields = {
      schedules: schedules.map((schedule) => cronSchedule('schedule', schedule)),
      timezone: timeZone(props.timezone ?? 'Etc/UTC'),
      concurrencyPolicy: props.concurrencyPolicy ?? 'Forbid',
      startingDeadlineSeconds: wholeNumber(
        'startingDeadlineSeconds',
        props.startingDeadlineSeconds ?? 3600,
        1,
        7 * DAY,
      ),
      suspend: props.suspend ?? false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      ...(when === undefined ? {} : { when }),
      ...(stopAfterFailures === undefined
        ? {}
        : {
            stopStrategy: {
              expression: `cronworkflow.failed >= ${wholeNumber('stopAfterFailures', stopAfterFailures, 1, 1000)}`,
            },
          }),
    };
    this.object('CronWorkflow', this.componentName, () => ({
      ...fields,
      workflowMetadata: { labels: this.labels('workflow', 'run') },
      workflowSpec: this.spec(),
    }));
  }
}

function timeZone(name: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name;
  } catch {
    throw new Error(`time zone "${name}" is not in the database of IANA: expected a name such as Europe/Paris`);
  }
}
