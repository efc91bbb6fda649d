import { z } from 'zod';
import type { Finding } from './finding';

/** A reason has at least this many characters: enough to say why. */
const REASON_CHARACTERS = 20;

/** The form of `suppressions.yaml`. */
export const Suppressions = z.strictObject({
  suppressions: z.array(
    z.strictObject({
      tool: z.enum(['checkov', 'kube-score']),
      /** The linter's id of the check. */
      id: z.string().min(1),
      /** `Kind/namespace/name`; a star stands for any characters. */
      object: z.string().min(1),
      reason: z.string().trim().min(REASON_CHARACTERS),
    }),
  ),
});

/** One entry of `suppressions.yaml`. */
export type Suppression = z.infer<typeof Suppressions>['suppressions'][number];

/** What is left of findings once the suppressions are taken into account. */
export interface Judgement {
  readonly open: readonly Finding[];
  readonly suppressed: readonly Finding[];
  /** Suppressions that nothing needs. */
  readonly unused: readonly Suppression[];
}

/** Tells the findings that a suppression excuses from those that stay. */
export function judge(findings: readonly Finding[], suppressions: readonly Suppression[]): Judgement {
  const excuses = (suppression: Suppression, finding: Finding): boolean =>
    suppression.tool === finding.tool && suppression.id === finding.id && matches(suppression.object, finding.object);
  const isSuppressed = (finding: Finding): boolean => suppressions.some((suppression) => excuses(suppression, finding));
  return {
    open: findings.filter((finding) => !isSuppressed(finding)),
    suppressed: findings.filter(isSuppressed),
    unused: suppressions.filter((suppression) => !findings.some((finding) => excuses(suppression, finding))),
  };
}

function matches(pattern: string, object: string): boolean {
  const source = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`).test(object);
}
