import * as pulumi from '@pulumi/pulumi';
import { platformProgram } from '../../stacks/program';
import { SEED_COMMAND, stackSettings } from '../../stacks/settings';
import { isSecret, runProgram } from '../support/pulumi';
import { office } from './office';

const SEED = Buffer.alloc(32, 7).toString('base64');

/** An office whose Pods nobody has to wait for. */
const quiet = () => {
  const synthesis = office();
  return {
    ...synthesis,
    objects: synthesis.objects.filter(({ manifest }) => !/Set|Job|Deployment/.test(manifest.kind)),
  };
};

describe('a stack', () => {
  test('without a seed is refused, with the command that makes one from standard input', async () => {
    const running = runProgram(() => platformProgram(quiet));
    await expect(running).rejects.toThrow(pulumi.RunError);
    await expect(running).rejects.toThrow('openssl rand -base64 32 | pulumi config set --secret bouture:seed');
    expect(SEED_COMMAND).not.toMatch(/bouture:seed \S/);
  });

  test('says what to deploy and how', async () => {
    const config = {
      'bouture:seed': SEED,
      'bouture:config': 'office.yaml',
      'bouture:context': 'production',
      'bouture:rotations': '{"store-root":2}',
      'bouture:timeoutSeconds': '60',
      'bouture:values': '{"backup-role":"office"}',
    };
    const { result } = await runProgram(() => stackSettings(), { config, secretKeys: ['bouture:seed'] });
    const { seed, ...rest } = result;
    expect(await pulumi.isSecret(seed)).toBe(true);
    expect(rest).toEqual({
      config: 'office.yaml',
      context: 'production',
      rotations: { 'store-root': 2 },
      timeoutSeconds: 60,
      values: { 'backup-role': 'office' },
    });
  });

  test('deploys the configuration that it names, and tells addresses but no secret', async () => {
    const asked: (string | undefined)[] = [];
    const { registered, result } = await runProgram(
      () =>
        platformProgram((config) => {
          asked.push(config);
          return quiet();
        }),
      { config: { 'bouture:seed': SEED, 'bouture:config': 'office.yaml' }, secretKeys: ['bouture:seed'] },
    );
    expect(asked).toEqual(['office.yaml']);
    expect(result).toEqual({ platform: 'demo', addresses: {} });
    const secret = registered.find(({ type }) => type === 'kubernetes:core/v1:Secret');
    expect(Object.values((secret?.inputs['data'] ?? {}) as Record<string, unknown>).every(isSecret)).toBe(true);
  });
});
