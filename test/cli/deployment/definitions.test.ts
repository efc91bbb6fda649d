import { ApiObject } from 'cdk8s';
import { refuseOthersDefinitions } from '../../../cli/deployment/definitions';
import { ArgoCustomResources, synthesize, UserSpaces } from '../../../constructs';
import * as kubernetes from '../../../stacks/kubectl';
import { tenancyPlatform } from '../../constructs/tenancy/fixture';

function platformWithArgo() {
  const platform = tenancyPlatform();
  const spaces = new UserSpaces(platform, 'spaces');
  new ArgoCustomResources(platform, 'argo', { spaces, products: ['argo-workflows', 'argo-cd'] });
  return synthesize(platform);
}

const definition = (name: string, labels?: Record<string, string>) => ({
  metadata: { name, ...(labels === undefined ? {} : { labels }) },
});
const OURS = { 'app.kubernetes.io/managed-by': 'bouture', 'app.kubernetes.io/part-of': 'demo' };

/** What becomes of an update where kubectl answers so. */
async function refusal(answer: unknown): Promise<string> {
  const spy = jest.spyOn(kubernetes, 'kubectl').mockResolvedValue(answer === '' ? '' : JSON.stringify(answer));
  try {
    await refuseOthersDefinitions(platformWithArgo());
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    expect(spy.mock.calls[0]?.[0]).toEqual(expect.arrayContaining(['workflows.argoproj.io', '--ignore-not-found']));
    spy.mockRestore();
  }
}

test('definitions that nobody made, and those that this platform made, are its own', async () => {
  expect(await refusal('')).toBe('');
  expect(await refusal(definition('workflows.argoproj.io', OURS))).toBe('');
  expect(await refusal({ items: [definition('workflows.argoproj.io', OURS)] })).toBe('');
});

test('definitions of somebody else are left to them, with the setting that says so', async () => {
  const other = { ...OURS, 'app.kubernetes.io/part-of': 'other' };
  expect(
    await refusal({ items: [definition('workflows.argoproj.io', OURS), definition('applications.argoproj.io')] }),
  ).toBe(
    'the cluster has applications.argoproj.io already, by somebody else. Leave these definitions to them in the configuration: ' +
      'people: {resourceDefinitions: {argo-cd: existing}}',
  );
  expect(await refusal(definition('workflows.argoproj.io', other))).toContain('{argo-workflows: existing}');
});

test('a platform that defines nothing asks for nothing', async () => {
  const spy = jest.spyOn(kubernetes, 'kubectl').mockResolvedValue('');
  const platform = tenancyPlatform();
  new ApiObject(platform, 'map', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'map', namespace: 'a' } });
  await refuseOthersDefinitions(synthesize(platform));
  expect(spy).not.toHaveBeenCalled();
  spy.mockRestore();
});
