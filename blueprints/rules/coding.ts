import type { Conflict } from '../config/check';
import type { Sections } from '../sections/platform';

/** A version that answers a share of the requests needs a Gateway: an Ingress has no field for shares. */
export function* canaryHasAGateway({ coding, exposure }: Sections): Iterable<Conflict> {
  if (coding?.canary === undefined || exposure?.ingress === undefined) return;
  yield {
    path: ['coding', 'canary'],
    reads: [['exposure', 'ingress']],
    message: 'an Ingress cannot give a version a share of the requests',
    expected: 'exposure.gateway, which Traefik and other controllers speak too, or no canary',
  };
}
