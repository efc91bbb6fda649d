import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readCheckov } from '../../../tools/lint-manifests/checkov';
import type { Finding } from '../../../tools/lint-manifests/finding';
import { readKubeScore } from '../../../tools/lint-manifests/kube-score';
import { judge, type Suppression, Suppressions } from '../../../tools/lint-manifests/suppressions';

const finding: Finding = {
  tool: 'checkov',
  id: 'CKV_K8S_1',
  object: 'Job/data/migrate-0123456789',
  file: 'minimal/a.k8s.yaml',
  message: 'm',
};
const suppression = (changes: Partial<Suppression> = {}): Suppression => ({
  tool: 'checkov',
  id: 'CKV_K8S_1',
  object: 'Job/data/migrate-*',
  reason: 'A reason that says why this is so.',
  ...changes,
});

describe('a suppression', () => {
  test('excuses the objects that its pattern matches', () => {
    expect(judge([finding], [suppression()])).toEqual({ open: [], suppressed: [finding], unused: [] });
    expect(judge([finding], [suppression({ object: '*' })]).open).toEqual([]);
  });

  test.each([
    { object: 'Job/data/migrat' },
    { object: 'Job.data.migrate-*' },
    { id: 'CKV_K8S_11' },
    { tool: 'kube-score' as const },
  ])('of something else excuses nothing, and is unused: %j', (changes) => {
    const other = suppression(changes);
    expect(judge([finding], [other])).toEqual({ open: [finding], suppressed: [], unused: [other] });
  });

  test('needs a reason', () => {
    expect(Suppressions.safeParse({ suppressions: [suppression({ reason: '   because           ' })] }).success).toBe(
      false,
    );
    expect(Suppressions.safeParse({ suppressions: [suppression()] }).success).toBe(true);
  });

  test('stands in a file of the right form', () => {
    const file = readFileSync(join(__dirname, '../../../tools/lint-manifests/suppressions.yaml'), 'utf8');
    expect(Suppressions.parse(parse(file)).suppressions.length).toBeGreaterThan(0);
  });
});

test('checkov’s report names object, check and file', () => {
  const failed = {
    check_id: 'CKV_K8S_1',
    check_name: 'Name',
    resource: 'CustomResourceDefinition.default.a.b.org',
    file_path: '/x.yaml',
  };
  const report = (errors: number) =>
    JSON.stringify({ results: { failed_checks: [failed] }, summary: { parsing_errors: errors } });
  expect(readCheckov(report(0))).toEqual([
    {
      tool: 'checkov',
      id: 'CKV_K8S_1',
      object: 'CustomResourceDefinition/default/a.b.org',
      file: 'x.yaml',
      message: 'Name',
    },
  ]);
  expect(() => readCheckov(report(2))).toThrow('cannot parse 2 files');
});

test('kube-score’s report keeps what is neither flawless nor skipped', () => {
  const check = (id: string, grade: number, skipped = false) => ({
    check: { id },
    grade,
    skipped,
    comments: [
      { path: 'server', summary: 'S' },
      { path: '', summary: 'T' },
    ],
  });
  const report = [
    {
      file_name: '/charts/minimal/a.yaml',
      type_meta: { kind: 'Deployment' },
      object_meta: { name: 'a', namespace: 'ns' },
      checks: [check('bad', 1), check('warned', 5), check('good', 10), check('left-out', 0, true)],
    },
  ];
  const found = readKubeScore(JSON.stringify(report), '/charts');
  expect(found.map(({ id }) => id)).toEqual(['bad', 'warned']);
  expect(found[0]).toEqual({
    tool: 'kube-score',
    id: 'bad',
    object: 'Deployment/ns/a',
    file: 'minimal/a.yaml',
    message: 'server: S; T',
  });
});
