import { type GpuOffer, NVIDIA_GPU } from '../../compute';
import { type Expression, expression } from '../expression';
import { anyOf, equals, not } from '../functions';

/**
 * GPUs of NVIDIA on nodes with the taint that everybody gives them: where no pool says more.
 *
 * @param most that one service may ask for
 */
export function plainOffer(most: number): GpuOffer {
  return {
    most: { [NVIDIA_GPU]: most },
    tolerations: [{ key: NVIDIA_GPU, operator: 'Exists', effect: 'NoSchedule' }],
  };
}

/** How many a person has chosen, by resource: a value of the part `resources`. */
export function askedGpus({ most }: GpuOffer): readonly (readonly [string, Expression<string>])[] {
  return Object.keys(most).map((resource) => [
    resource,
    expression<string>({ op: 'value', kind: 'string', path: ['resources', 'limits', resource] }),
  ]);
}

/** A count is not zero. */
export function asksFor(count: Expression<string>): Expression<boolean> {
  return not(equals(count, '0'));
}

/**
 * A person has chosen a GPU. A service with none runs on ordinary nodes.
 *
 * @throws Error when the offer has no resource
 */
export function asksForAny(offer: GpuOffer): Expression<boolean> {
  const [first, ...others] = askedGpus(offer).map(([, count]) => asksFor(count));
  if (first === undefined) throw new Error('an offer of GPUs has one resource at least');
  return anyOf(first, ...others);
}
