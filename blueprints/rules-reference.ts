import { type Rule, RULES, SUPPRESS_ANNOTATION, SUPPRESSION_RULES } from '../constructs/platform/rules';

/** The page that lists every rule, `docs/rules.md`. */
export function rulesReference(): string {
  return [
    '<!-- prettier-ignore-start -->',
    '',
    '# Rules',
    '',
    'What rendered objects are held to, by `bouture synth`, by the tests, and by the Pulumi [policy pack](../policy/README.md) alike. An error',
    'stops; a warning is told. A rule of the production profile is told so.',
    '',
    'An object is excused from a rule by an annotation with a written reason:',
    '',
    '```yaml',
    'metadata:',
    '  annotations:',
    `    ${SUPPRESS_ANNOTATION}read-only-root: The software writes its lock file beside its program.`,
    '```',
    '',
    'This page is written by `npm run generate` from the rules, which stand in `constructs/platform/rules/`, one a file.',
    '',
    '| Rule | Level | Why | How to fix it | Source |',
    '| --- | --- | --- | --- | --- |',
    ...[...RULES, ...Object.values(SUPPRESSION_RULES)].map(row).sort(),
    '',
    '<!-- prettier-ignore-end -->',
    '',
  ].join('\n');
}

function row({ id, level, profiles, why, fix, source }: Omit<Rule, 'scope' | 'check'>): string {
  const only = profiles === undefined ? '' : `, ${profiles.join(', ')} only`;
  return `| \`${id}\` | ${level}${only} | ${cell(why)} | ${cell(fix)} | ${cell(source)} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*');
}
