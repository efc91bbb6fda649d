import { RULES } from './all';
import type { Finding, Rule } from './rule';
import type { ObjectView } from './view';

/** Annotation, with a rule's id added, that excuses an object from the rule; its value is the reason. */
export const SUPPRESS_ANNOTATION = 'bouture.dev/suppress.';

/** A reason has at least this many characters and words: enough to say why, not how. */
const REASON_CHARACTERS = 20;
const REASON_WORDS = 4;

type MetaRule = Omit<Rule, 'scope' | 'check'>;

const source = 'docs/rules.md';

/** Rules about the suppressions themselves; nothing excuses from them. */
export const SUPPRESSION_RULES = {
  reason: {
    id: 'suppression-has-reason',
    level: 'error',
    why: 'A suppression without a reason cannot be reviewed, and outlives the cause that it had.',
    source,
    fix: `write why the object needs it, in at least ${REASON_WORDS} words and ${REASON_CHARACTERS} characters`,
  },
  unknown: {
    id: 'suppression-names-rule',
    level: 'error',
    why: 'A suppression of a rule that does not exist excuses nothing, and hides a spelling mistake.',
    source,
    fix: 'use the id of a rule, as docs/rules.md lists them',
  },
  unused: {
    id: 'suppression-is-needed',
    level: 'error',
    why: 'A suppression that nothing needs would silence the next, real violation.',
    source,
    fix: 'remove the annotation',
  },
} as const satisfies Record<string, MetaRule>;

interface SuppressionProblem {
  readonly rule: MetaRule;
  readonly object: ObjectView;
  readonly finding: Finding;
}

/** The suppressions that objects carry, and whether each was needed. */
export class Suppressions {
  private readonly used = new Set<string>();

  constructor(private readonly objects: readonly ObjectView[]) {}

  /** Whether an object is excused from a rule. A reason that says nothing excuses nothing. */
  excuse(object: ObjectView, rule: string): boolean {
    const reason = object.annotations[`${SUPPRESS_ANNOTATION}${rule}`];
    if (reason === undefined) return false;
    this.used.add(`${object.apiVersion} ${object.title} ${rule}`);
    return isReason(reason);
  }

  /** What is wrong with the suppressions themselves. @param active ids of the rules that were run */
  *problems(active: ReadonlySet<string>): Generator<SuppressionProblem> {
    const known = new Set(RULES.map(({ id }) => id));
    for (const object of this.objects) {
      for (const [annotation, reason] of Object.entries(object.annotations)) {
        if (!annotation.startsWith(SUPPRESS_ANNOTATION)) continue;
        const rule = annotation.slice(SUPPRESS_ANNOTATION.length);
        const field = `metadata.annotations[${JSON.stringify(annotation)}]`;
        if (!known.has(rule) && !active.has(rule)) {
          yield { rule: SUPPRESSION_RULES.unknown, object, finding: { field, message: `there is no rule "${rule}"` } };
        } else if (!isReason(reason)) {
          yield { rule: SUPPRESSION_RULES.reason, object, finding: { field, message: `"${reason}" is not a reason` } };
        } else if (active.has(rule) && !this.used.has(`${object.apiVersion} ${object.title} ${rule}`)) {
          yield {
            rule: SUPPRESSION_RULES.unused,
            object,
            finding: { field, message: `the object does not break "${rule}"` },
          };
        }
      }
    }
  }
}

function isReason(text: string): boolean {
  const words = text
    .trim()
    .split(/\s+/)
    .filter((word) => /\p{L}{2,}/u.test(word));
  return text.trim().length >= REASON_CHARACTERS && words.length >= REASON_WORDS;
}
