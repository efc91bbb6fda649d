import { type LintFinding, mapOf } from './lint-data';
import { contextPaths, contextProblem, INSTANCE_SCHEMAS, stepsOf } from './onyxia-context';
import type { ChartFiles } from './read-package';

const FILE = 'values.schema.json';
const TYPES = ['object', 'array', 'string', 'boolean', 'integer', 'number'];

/** What is wrong with the schema of a chart. */
export function schemaFindings({ files }: ChartFiles): readonly LintFinding[] {
  const text = files.get(FILE);
  const problem = (rule: string, path: string, message: string, remedy: string): LintFinding => ({
    level: 'error',
    rule,
    file: FILE,
    path,
    message,
    remedy,
  });
  if (text === undefined) {
    return [
      problem(
        'schema-missing',
        '',
        'the chart has no schema: Onyxia shows its values as text, and Helm checks none of them',
        'write values.schema.json; charts of `bouture catalog build` have one',
      ),
    ];
  }
  let schema: unknown;
  try {
    schema = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return [
      problem('schema-unreadable', '', `not JSON: ${error instanceof Error ? error.message : ''}`, 'write it as JSON'),
    ];
  }
  return nodeFindings(mapOf(schema), '', new Set(), problem);
}

type Problem = (rule: string, path: string, message: string, remedy: string) => LintFinding;

function nodeFindings(
  schema: Readonly<Record<string, unknown>>,
  path: string,
  itemFields: ReadonlySet<string>,
  problem: Problem,
): readonly LintFinding[] {
  const { type, properties, items, 'x-onyxia': onyxia } = schema;
  const findings: LintFinding[] = [];
  if (!('const' in schema) && !(typeof type === 'string' && TYPES.includes(type))) {
    findings.push(
      problem(
        'schema-type',
        path,
        `expected a type, ${TYPES.join(', ')}, or a const, given ${JSON.stringify(type)}`,
        'give each value a type: Onyxia refuses to launch a chart that has one without',
      ),
    );
  }
  findings.push(...onyxiaFindings(mapOf(onyxia), path, itemFields, problem));
  for (const [name, property] of Object.entries(mapOf(properties))) {
    findings.push(...nodeFindings(mapOf(property), path === '' ? name : `${path}.${name}`, itemFields, problem));
  }
  if (items !== undefined) {
    const fields = 'overwriteDefaultWith' in mapOf(onyxia) ? Object.keys(mapOf(mapOf(items)['properties'])) : [];
    findings.push(...nodeFindings(mapOf(items), `${path}[]`, new Set([...itemFields, ...fields]), problem));
  }
  return findings;
}

function onyxiaFindings(
  onyxia: Readonly<Record<string, unknown>>,
  path: string,
  itemFields: ReadonlySet<string>,
  problem: Problem,
): readonly LintFinding[] {
  const findings: LintFinding[] = [];
  for (const keyword of ['overwriteDefaultWith', 'overwriteListEnumWith'] as const) {
    for (const reference of contextPaths(onyxia[keyword])) {
      // Inside of a list that Onyxia fills, the fields of each item are known by their own names.
      if (itemFields.has(stepsOf(reference)[0] ?? '')) continue;
      const wrong = contextProblem(reference);
      if (wrong === undefined) continue;
      findings.push(
        problem(
          'stale-reference',
          `${path}.x-onyxia.${keyword}`,
          wrong,
          'Onyxia takes the default without a word: remove or replace the reference',
        ),
      );
    }
  }
  const { overwriteSchemaWith, useRegionSliderConfig } = onyxia;
  if (useRegionSliderConfig !== undefined) {
    findings.push(
      problem(
        'dead-keyword',
        `${path}.x-onyxia.useRegionSliderConfig`,
        'Onyxia no longer reads it',
        'use overwriteSchemaWith: "ide/resources.json"',
      ),
    );
  }
  if (overwriteSchemaWith !== undefined && !INSTANCE_SCHEMAS.some((name) => name === overwriteSchemaWith)) {
    findings.push({
      ...problem(
        'unknown-instance-schema',
        `${path}.x-onyxia.overwriteSchemaWith`,
        `${JSON.stringify(overwriteSchemaWith)} is known to no other chart: offices override ${INSTANCE_SCHEMAS.join(', ')}`,
        'use one of these names, or tell the office about yours',
      ),
      level: 'warning',
    });
  }
  return findings;
}
