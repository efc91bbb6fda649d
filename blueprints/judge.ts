import { checkRules, describeViolation, type Violation } from '../constructs/platform/rules';
import type { RenderedBlueprint } from './render';

/** Rendered manifests break rules. Its message names file, object, field and remedy of each. */
class RuleError extends Error {
  constructor(readonly violations: readonly Violation[]) {
    const count = violations.length === 1 ? '1 rule is broken' : `${violations.length} rules are broken`;
    super([count, ...violations.map(describeViolation)].join('\n\n'));
    this.name = 'RuleError';
  }
}

/**
 * Holds rendered manifests to the rules.
 *
 * @param warn is told each violation that does not stop synthesis
 * @throws RuleError with every violation that does
 */
export function judge(
  { synthesis, profile }: RenderedBlueprint,
  warn: (text: string) => void = (text) => process.stderr.write(`${text}\n`),
): void {
  const violations = checkRules(synthesis, { profile });
  for (const violation of violations.filter(({ level }) => level === 'warning')) warn(describeViolation(violation));
  const errors = violations.filter(({ level }) => level === 'error');
  if (errors.length > 0) throw new RuleError(errors);
}
