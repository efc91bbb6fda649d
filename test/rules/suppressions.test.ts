import { SUPPRESS_ANNOTATION, checkRules, describeViolation } from '../../constructs/platform/rules';
import { Layer } from '../../constructs';
import { Fixture } from './fixture';

const ANNOTATION = `metadata|annotations|${SUPPRESS_ANNOTATION}`;
const REASON = 'The software writes its lock file beside its program.';

const writable = () =>
  new Fixture().set(
    'Deployment/server',
    'spec|template|spec|containers|0|securityContext|readOnlyRootFilesystem',
    false,
  );

const rulesOf = (fixture: Fixture) =>
  checkRules(fixture.input, { profile: fixture.profile })
    .map(({ rule }) => rule)
    .sort();

describe('a suppression', () => {
  test('with a reason excuses its object from its rule', () => {
    expect(rulesOf(writable())).toEqual(['read-only-root']);
    expect(rulesOf(writable().set('Deployment/server', `${ANNOTATION}read-only-root`, REASON))).toEqual([]);
  });

  test('excuses no other object', () => {
    const fixture = writable().set('Service/server', `${ANNOTATION}read-only-root`, REASON);
    expect(rulesOf(fixture)).toEqual(['read-only-root', 'suppression-is-needed']);
  });

  test.each(['', 'because', 'needed for now ok', 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', '1 2 3 4 5 6 7 8 9 10 11 12'])(
    'without a reason (%j) excuses nothing',
    (reason) => {
      const fixture = writable().set('Deployment/server', `${ANNOTATION}read-only-root`, reason);
      expect(rulesOf(fixture)).toEqual(['read-only-root', 'suppression-has-reason']);
    },
  );

  test('of an unknown rule is refused', () => {
    const fixture = new Fixture().set('Deployment/server', `${ANNOTATION}read-only-rot`, REASON);
    expect(rulesOf(fixture)).toEqual(['suppression-names-rule']);
  });

  test('that nothing needs is refused', () => {
    const fixture = new Fixture().set('Deployment/server', `${ANNOTATION}read-only-root`, REASON);
    expect(rulesOf(fixture)).toEqual(['suppression-is-needed']);
  });

  test('of a rule of another profile is left alone', () => {
    const fixture = new Fixture('pilot').set('Deployment/server', `${ANNOTATION}image-digest`, REASON);
    expect(rulesOf(fixture)).toEqual([]);
  });

  test('does not suppress the rules about suppressions', () => {
    const fixture = new Fixture()
      .set('Deployment/server', `${ANNOTATION}read-only-root`, REASON)
      .set('Deployment/server', `${ANNOTATION}suppression-is-needed`, REASON);
    expect(rulesOf(fixture)).toEqual(['suppression-is-needed', 'suppression-names-rule']);
  });
});

test('a violation names file, object, field and remedy', () => {
  const { objects, secrets = [] } = writable().input;
  const placed = objects.map((object) => ({ ...object, layer: Layer.PLATFORM, component: 'web' }));
  const [violation] = checkRules({ objects: placed, secrets });
  expect(violation && describeViolation(violation)).toMatchInlineSnapshot(`
"error read-only-root
  30-platform/web.k8s.yaml: Deployment demo-web/server
  spec.template.spec.containers[server].securityContext.readOnlyRootFilesystem: can write to its own root file system
  remedy: set readOnlyRootFilesystem: true, and mount an emptyDir where the software writes"
`);
});

test('a violation of a secret never shows the secret', () => {
  const fixture = new Fixture().set('Deployment/server', 'spec|template|spec|containers|0|env', [
    { name: 'DB_PASSWORD', value: 'canary-4711' },
  ]);
  const violations = checkRules(fixture.input);
  expect(violations.map(({ rule }) => rule)).toEqual(['no-plain-secret']);
  expect(violations.map(describeViolation).join('\n')).not.toContain('canary-4711');
});

test('five thousand objects are judged within a few seconds', () => {
  const { objects, secrets = [] } = new Fixture().input;
  const copy = (index: number) =>
    JSON.parse(
      JSON.stringify(objects)
        .replaceAll('demo-', `demo${index}-`)
        .replaceAll('.example.org"', `.${index}.example.org"`),
    ) as typeof objects;
  const many = Array.from({ length: 200 }, (_, index) => copy(index)).flat();
  const known = Array.from({ length: 200 }, (_, index) =>
    secrets.map((secret) => ({ ...secret, namespace: `demo${index}-web` })),
  ).flat();
  const start = performance.now();
  expect(checkRules({ objects: many, secrets: known }).map(({ rule }) => rule)).toEqual([]);
  expect(many.length).toBeGreaterThan(5000);
  expect(performance.now() - start).toBeLessThan(10_000);
});
