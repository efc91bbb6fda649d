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

/** A promotion by commit changes the number of a version, which must stand in the configuration. */
export function* promotionChangesAVersion({ coding, delivery }: Sections): Iterable<Conflict> {
  if (delivery?.promotion === undefined || coding === undefined || coding.serves?.version !== undefined) return;
  yield {
    path: ['delivery', 'promotion'],
    reads: [['coding', 'serves']],
    message: 'coding.serves names no version by its number, so there is nothing that a commit could change',
    expected: 'coding: {serves: {version: 1}}, or no promotion: an alias is moved in the registry',
  };
}
