import type { Conflict } from '../config/check';
import type { Sections } from '../sections/platform';

/** A version that answers a share of the requests needs a Gateway: neither a Service nor an Ingress has a field for shares. */
export function* canaryHasAGateway({ coding, exposure }: Sections): Iterable<Conflict> {
  if (coding?.canary === undefined || exposure?.gateway !== undefined) return;
  yield {
    path: ['coding', 'canary'],
    reads: [['exposure']],
    message: `${exposure === undefined ? 'a service that is not exposed' : 'an Ingress'} cannot give a version a share of the requests`,
    expected: 'exposure.gateway, which Traefik and other controllers speak too, or no canary',
  };
}
