import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PolicyResource, ResourceValidationArgs, StackValidationArgs } from '@pulumi/policy';
import { RULES, SUPPRESS_ANNOTATION } from '../../../constructs/platform/rules';
import { resourceType } from '../../../stacks/kubernetes-object';
import { CLOUD_RULES } from '../../../stacks/policy/clouds';
import { SUPPRESSIONS_POLICY, policies } from '../../../stacks/policy/policies';
import { CASES } from '../../rules/cases';
import { Fixture } from '../../rules/fixture';

const pack = policies();

interface Told {
  readonly policy: string;
  readonly message: string;
  readonly urn: string | undefined;
}

/** Runs the whole pack over a platform as Pulumi would: each resource, then the stack. */
async function told(fixture: Fixture): Promise<Told[]> {
  const resources = [
    ...fixture.input.objects.map(({ manifest }) => ({
      type: resourceType(manifest.apiVersion, manifest.kind),
      props: manifest,
      urn: `urn:${manifest.kind}/${manifest.metadata.name}`,
    })),
    ...(fixture.input.secrets ?? []).map(({ namespace, name, data }) => ({
      type: 'kubernetes:core/v1:Secret',
      props: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          name,
          namespace,
          labels: { 'app.kubernetes.io/part-of': 'demo', 'app.kubernetes.io/managed-by': 'bouture' },
        },
        stringData: data,
      },
      urn: `urn:Secret/${name}`,
    })),
    { type: 'pulumi:pulumi:Stack', props: {}, urn: 'urn:Stack' },
    {
      type: 'kubernetes:core/v1:ConfigMapPatch',
      props: { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} },
      urn: 'urn:Patch',
    },
  ];
  const found: Told[] = [];
  for (const policy of pack) {
    const note = (resource?: string) => (message: string, urn?: string) =>
      found.push({ policy: policy.name, message, urn: urn ?? resource });
    if ('validateStack' in policy) {
      await policy.validateStack(
        { resources: resources as unknown as PolicyResource[] } as StackValidationArgs,
        note(),
      );
    } else if (typeof policy.validateResource === 'function') {
      for (const resource of resources) {
        await policy.validateResource(resource as unknown as ResourceValidationArgs, note(resource.urn));
      }
    }
  }
  return found;
}

const levels = new Map(pack.map(({ name, enforcementLevel }) => [name, enforcementLevel]));
const enforced = (found: Told[]) => found.filter(({ policy }) => levels.get(policy) !== 'disabled');

test('every rule is a policy, but those that speak of files', () => {
  const expected = RULES.filter(({ filesOnly }) => filesOnly !== true).map(({ id }) => id);
  const clouds = CLOUD_RULES.map(({ id }) => id);
  expect(pack.map(({ name }) => name)).toEqual([...expected, SUPPRESSIONS_POLICY, ...clouds]);
});

test('errors are mandatory, rules of production wait to be turned on', () => {
  expect(levels.get('read-only-root')).toBe('mandatory');
  expect(levels.get('image-digest')).toBe('disabled');
  const production = JSON.parse(readFileSync(join(__dirname, '../../../policy/production.json'), 'utf8')) as object;
  expect(production).toEqual(
    Object.fromEntries(RULES.filter(({ profiles }) => profiles !== undefined).map(({ id }) => [id, 'mandatory'])),
  );
});

test('a flawless stack violates nothing', async () => {
  expect(enforced(await told(new Fixture()))).toEqual([]);
});

test('a rule over one object tells the resource, the field and the remedy', async () => {
  const fixture = new Fixture().set('Deployment/server', 'spec|template|spec|hostNetwork', true);
  expect(enforced(await told(fixture))).toEqual([
    {
      policy: 'no-host-access',
      urn: 'urn:Deployment/server',
      message: expect.stringMatching(
        /^Deployment demo-web\/server: spec.template.spec.hostNetwork: .*; remove hostNetwork/,
      ) as string,
    },
  ]);
});

test('a rule over the stack names the resource', async () => {
  const found = enforced(await told(new Fixture().set('Service/server', 'spec|ports|0|targetPort', 1)));
  expect(found.map(({ policy, urn }) => [policy, urn])).toEqual([['service-selects-pods', 'urn:Service/server']]);
});

test('a suppression excuses, and must be needed', async () => {
  const annotation = `metadata|annotations|${SUPPRESS_ANNOTATION}no-host-access`;
  const reason = 'The agent measures the traffic of the node itself.';
  const needed = new Fixture()
    .set('Deployment/server', 'spec|template|spec|hostNetwork', true)
    .set('Deployment/server', annotation, reason);
  expect(enforced(await told(needed))).toEqual([]);
  const idle = enforced(await told(new Fixture().set('Deployment/server', annotation, reason)));
  expect(idle.map(({ policy, urn }) => [policy, urn])).toEqual([[SUPPRESSIONS_POLICY, 'urn:Deployment/server']]);
});

test.each(
  Object.entries(CASES)
    .filter(([id]) => levels.has(id))
    .map(([id, cases]) => [id, cases.find(({ finds, profile }) => finds.length > 0 && profile === undefined)] as const)
    .flatMap(([id, one]) => (one === undefined ? [] : [[id, one] as const])),
)('%s finds as a policy what it finds as a rule', async (id, { spoil, finds }) => {
  const fixture = new Fixture();
  spoil(fixture);
  const found = (await told(fixture)).filter(({ policy }) => policy === id);
  expect(found.map(({ message }) => message).sort()).toEqual(
    [...finds].sort().map((place) => expect.stringContaining(`${place}: `) as string),
  );
});

test('the pack has the version of the package', () => {
  const version = (file: string) =>
    (JSON.parse(readFileSync(join(__dirname, '../../..', file), 'utf8')) as { version: string }).version;
  expect(version('policy/package.json')).toBe(version('package.json'));
});
