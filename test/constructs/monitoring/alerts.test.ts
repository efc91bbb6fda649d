import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { alertGroups, alertName } from '../../../constructs';
import { ALL_ALERTS, alertExamples } from '../../support/alerts';
import { readQuery } from '../../support/promql';
import { recordedMetrics } from '../../support/recorded-metrics';

const ROOT = join(__dirname, '../../..');
const RUNBOOKS = join(ROOT, 'docs/runbooks');
const rules = ALL_ALERTS.map((rule) => [rule.id, rule] as const);
const examples = alertExamples();
const recorded = recordedMetrics();

describe.each(rules)('the alert %s', (id, rule) => {
  test('has a runbook of its own, with its name, where to look, what to do, and when it is over', () => {
    expect(rule.runbook).toBe(`docs/runbooks/${id}.md`);
    expect(existsSync(join(ROOT, rule.runbook))).toBe(true);
    const page = readFileSync(join(ROOT, rule.runbook), 'utf8');
    expect(page).toMatch(new RegExp(`^# ${alertName(id)}: \\S`));
    for (const part of ['Look first', 'Remedy', 'Over when']) {
      expect(page.split(`\n## ${part}\n`)[1]?.split('\n## ')[0]?.trim().length).toBeGreaterThan(10);
    }
    expect(readFileSync(join(RUNBOOKS, 'README.md'), 'utf8')).toContain(`[${alertName(id)}](${id}.md)`);
  });

  test('stands in a file of its own', () => {
    expect(existsSync(join(ROOT, `constructs/monitoring/alerts/${id}.ts`))).toBe(true);
  });

  test('asks in PromQL, for metrics that the component exports', () => {
    const { metrics, errors } = readQuery(rule.expr);
    expect(errors).toEqual([]);
    expect(metrics.length).toBeGreaterThan(0);
    const known = recorded.get(rule.job === 'cluster' ? 'kube-state-metrics' : rule.job);
    expect(metrics.filter((name) => known?.has(name) !== true)).toEqual([]);
  });

  test('has an example that fires and one that does not', () => {
    expect(examples.get(id)?.firing.series).not.toEqual(examples.get(id)?.silent.series);
  });

  test('names only labels in its summary that its example has', () => {
    const named = [...rule.summary.matchAll(/\{\{ \$labels\.(\w+) \}\}/g)].map(([, label]) => label ?? '');
    const labels = examples.get(id)?.firing.labels ?? {};
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((label) => !(label in labels))).toEqual([]);
  });
});

test('no runbook and no example is left without its rule', () => {
  const ids = ALL_ALERTS.map(({ id }) => id).sort();
  const pages = readdirSync(RUNBOOKS).filter((file) => file !== 'README.md');
  expect(pages.map((file) => file.replace(/\.md$/, '')).sort()).toEqual(ids);
  expect([...examples.keys()].sort()).toEqual(ids);
});

test('ids differ, and rules of one job are one group', () => {
  const groups = alertGroups(ALL_ALERTS);
  const names = groups.flatMap(({ rules: each }) => each.map(({ alert }) => alert));
  expect(new Set(names).size).toBe(ALL_ALERTS.length);
  expect(groups.map(({ name }) => name)).toEqual([...new Set(ALL_ALERTS.map(({ job }) => `bouture-${job}`))].sort());
});

test("runbooks may stand in an office's own wiki", () => {
  const [group] = alertGroups(ALL_ALERTS.slice(0, 1), 'https://wiki.example.org/runbooks');
  expect(group?.rules[0]?.annotations).toMatchObject({
    runbook_url: 'https://wiki.example.org/runbooks/minio-drive-offline.md',
  });
  expect(alertGroups(ALL_ALERTS.slice(0, 1))[0]?.rules[0]?.annotations).toMatchObject({
    runbook: 'docs/runbooks/minio-drive-offline.md',
  });
});
