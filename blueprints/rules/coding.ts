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

/** As long as a revision is under way, versions of two nomenclatures stand beside each other, and callers may get codes of one alone. */
export function* callersGetOneNomenclature({
  annotation,
  nomenclature = 'naf2',
  coding,
}: Sections): Iterable<Conflict> {
  const to = annotation?.revision?.to;
  const serves = coding?.canary?.serves;
  if (to === undefined || to === nomenclature || serves === undefined || serves.version !== undefined) return;
  yield {
    path: ['coding', 'canary'],
    reads: [['nomenclature'], ['annotation', 'revision']],
    message: `as soon as a version of ${to} challenges, a share of the callers would be answered in ${to} and the others in ${nomenclature}`,
    expected: 'a canary of a version by its number, or none until nomenclature and annotation.revision.to are the same',
  };
}

/** Whoever chooses among successors reads the description, and so does the training in the new nomenclature. */
export function* revisedDescriptionsAreKept({ annotation, coding, monitoring }: Sections): Iterable<Conflict> {
  if (annotation?.revision === undefined) return;
  const masks = [
    [['coding', 'records', 'masking'], coding?.records?.masking, 'none'],
    [['monitoring', 'etl', 'masking'], monitoring?.etl?.masking, 'none or patterns'],
  ] as const;
  for (const [path, masking, expected] of masks) {
    if (masking !== 'drop' && masking !== 'hash') continue;
    yield {
      path,
      reads: [['annotation', 'revision']],
      message: `with ${masking} nobody can read the descriptions for which annotation.revision asks people to choose a successor`,
      expected: `${expected}, or no annotation.revision`,
    };
  }
}
