import { type Component, cronSchedule } from '../platform';
import type { IProgram, IProgramScheduler, ProgramProps } from './program';
import { CronWorkflow } from './workflow';
import type { IWorkflowEngine } from './workflow-engine';

/** Seconds before the second try; doubled for each further one. */
const BACKOFF_SECONDS = 60;

/**
 * Programs as CronWorkflows of one step, in the namespace of the engine: people see how each run went where they see their own workflows.
 *
 * @example
 * import { ArgoPrograms, type ArgoWorkflows, type FastTextInferenceService, ModelMonitoring } from 'bouture';
 * declare const argo: ArgoWorkflows, service: FastTextInferenceService;
 * new ModelMonitoring(platform, 'monitoring', { service, nomenclature: 'naf2', programs: new ArgoPrograms(argo) });
 */
export class ArgoPrograms implements IProgramScheduler {
  constructor(private readonly engine: IWorkflowEngine) {}

  addProgram(component: Component, props: ProgramProps): IProgram {
    const { role, schedule, deadlineSeconds, retries } = props;
    const name = `${component.componentName}-${role}`;
    const workflow = new CronWorkflow(component, name, {
      engine: this.engine,
      schedules: [cronSchedule(`schedule of "${name}"`, schedule)],
      deadlineSeconds,
      retry: { limit: retries, backoffSeconds: BACKOFF_SECONDS },
    });
    return {
      consumerName: workflow.consumerName,
      connections: workflow.connections,
      runs: (container) => {
        workflow.addTask({ name: role, container });
      },
    };
  }
}
