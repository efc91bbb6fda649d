import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { RULES, type Violation, checkRules } from '../../constructs/platform/rules';
import { CASES } from './cases';
import { Fixture } from './fixture';

const place = ({ object, field }: Violation) => `${object.title}: ${field}`;

function found(rule: string, fixture: Fixture): string[] {
  return checkRules(fixture.input, { profile: fixture.profile })
    .filter((violation) => violation.rule === rule)
    .map(place);
}

test('a flawless platform breaks no rule', () => {
  expect(checkRules(new Fixture().input).map((violation) => `${violation.rule} ${place(violation)}`)).toEqual([]);
});

describe.each(RULES.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  const cases = CASES[id] ?? [];

  test('has a case that it refuses and one that it lets pass', () => {
    expect(cases.some(({ finds }) => finds.length > 0)).toBe(true);
  });

  test.each(cases.map((one) => [one.title, one] as const))('%s', (_title, { spoil, finds, profile }) => {
    const fixture = new Fixture(profile);
    spoil(fixture);
    expect(found(id, fixture)).toEqual([...finds].sort());
  });

  test('says what goes wrong, who says so and how to fix it', () => {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(rule.why).toMatch(/\.$/);
    expect(rule.source.length).toBeGreaterThan(10);
    expect(rule.fix.length).toBeGreaterThan(10);
  });
});

test('no case speaks of a rule that does not exist', () => {
  expect(Object.keys(CASES).filter((id) => !RULES.some((rule) => rule.id === id))).toEqual([]);
});

test('every file in a folder of rules is in the list', () => {
  const folder = join(__dirname, '../../constructs/platform/rules');
  const helpers = ['network/traffic.ts', 'objects/cluster-scoped.ts'];
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\/.*\.ts$/.test(file));
  expect(files.filter((file) => !helpers.includes(file))).toHaveLength(RULES.length);
});

test('no two rules share an id', () => {
  expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
});
