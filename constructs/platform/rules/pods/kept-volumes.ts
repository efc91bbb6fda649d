import type { ObjectRule } from '../rule';

export const keptVolumes: ObjectRule = {
  id: 'kept-volumes',
  level: 'error',
  scope: 'object',
  why: 'A StatefulSet that deletes its volumes takes the data with it when it is scaled down or removed by mistake.',
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention',
  fix: 'leave persistentVolumeClaimRetentionPolicy out, or set Retain',
  *check({ kind, spec }) {
    if (kind !== 'StatefulSet') return;
    for (const [, policy] of spec.at('persistentVolumeClaimRetentionPolicy').entries()) {
      if (policy.text !== 'Retain') yield { field: policy.path, message: `${policy.text ?? ''} would delete data` };
    }
  },
};
