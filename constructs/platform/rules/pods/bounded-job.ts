import type { Field } from '../field';
import type { ObjectRule } from '../rule';

export const boundedJob: ObjectRule = {
  id: 'bounded-job',
  level: 'error',
  scope: 'object',
  why: 'A Job that fails retries for hours unless its retries are counted; a run of a CronJob that hangs holds up, or is doubled by, all that follow.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup',
  fix: 'give backoffLimit; to a CronJob, also activeDeadlineSeconds and concurrencyPolicy Forbid or Replace; to a workflow of Argo the last two',
  *check({ group, kind, spec }) {
    if (kind === 'Job') yield* missing(spec, ['backoffLimit']);
    if (kind === 'CronJob') {
      yield* missing(spec.at('jobTemplate', 'spec'), ['backoffLimit', 'activeDeadlineSeconds']);
      yield* overlapping(spec);
    }
    if (group === 'argoproj.io' && (kind === 'Workflow' || kind === 'WorkflowTemplate')) {
      yield* missing(spec, ['activeDeadlineSeconds']);
    }
    if (group === 'argoproj.io' && kind === 'CronWorkflow') {
      yield* missing(spec.at('workflowSpec'), ['activeDeadlineSeconds']);
      yield* overlapping(spec);
    }
  },
};

function* missing(job: Field, bounds: readonly string[]): Generator<{ field: string; message: string }> {
  for (const bound of bounds) {
    const field = job.at(bound);
    if (field.number === undefined) yield { field: field.path, message: 'is not given' };
  }
}

function* overlapping(spec: Field): Generator<{ field: string; message: string }> {
  const policy = spec.at('concurrencyPolicy');
  if (policy.text !== 'Forbid' && policy.text !== 'Replace') {
    yield { field: policy.path, message: 'two runs may overlap' };
  }
}
