import type { Field } from '../field';
import type { ObjectRule } from '../rule';

export const boundedJob: ObjectRule = {
  id: 'bounded-job',
  level: 'error',
  scope: 'object',
  why: 'A Job without bounds retries for hours, and a CronJob without a policy starts beside its own late run.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup',
  fix: 'give backoffLimit and activeDeadlineSeconds; to a CronJob, concurrencyPolicy Forbid or Replace',
  *check({ kind, spec }) {
    if (kind === 'Job') yield* unbounded(spec);
    if (kind === 'CronJob') {
      yield* unbounded(spec.at('jobTemplate', 'spec'));
      const policy = spec.at('concurrencyPolicy');
      if (policy.text !== 'Forbid' && policy.text !== 'Replace') {
        yield { field: policy.path, message: 'two runs may overlap' };
      }
    }
  },
};

function* unbounded(job: Field): Generator<{ field: string; message: string }> {
  for (const bound of ['backoffLimit', 'activeDeadlineSeconds']) {
    const field = job.at(bound);
    if (field.number === undefined) yield { field: field.path, message: 'is not given' };
  }
}
