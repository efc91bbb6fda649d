import { attempt, type Finished } from './support/commands';
import { variant } from './support/configs';
import { CLI } from './support/stack';

const doctor = (config: string, env: Readonly<Record<string, string>> = {}): Promise<Finished> =>
  attempt('node', [CLI, 'doctor', config], { env });

/** What did not pass, without the images, which may not have been pushed yet. */
const wrong = ({ stdout }: Finished) => stdout.split('\n').filter((line) => /^(warn|fail) {2}(?!image)/.test(line));

test('the embedded cluster has all that the minimal blueprint needs', async () => {
  const result = await doctor(variant('doctor', () => ({ name: 'e2e-doctor' })));
  expect(wrong(result)).toEqual([]);
  expect(result.stdout).toMatch(/^ok {4}Kubernetes version: v1\.\d+\.\d+$/m);
  expect(result.stdout).toMatch(/^ok {4}namespaces: 3 to make, 0 of this platform already$/m);
});

test('what it lacks is named: a StorageClass, an Ingress class, cert-manager', async () => {
  const config = variant('doctor-lacking', () => ({
    name: 'e2e-doctor',
    cluster: { storageClassName: 'gold' },
    exposure: {
      domain: 'example.test',
      ingress: { className: 'absent', controller: { namespace: 'ingress' }, tls: { issuer: { name: 'office' } } },
    },
  }));
  const result = await doctor(config);
  expect(result.code === 2 ? result.output : '').toBe('');
  expect(result.code).toBe(1);
  expect(wrong(result)).toEqual(
    expect.arrayContaining([
      'fail  StorageClass: there is no gold',
      'fail  IngressClass: there is no absent',
      'fail  API cert-manager.io/v1: the cluster has no Certificate',
    ]) as string[],
  );
});

test('a cluster that does not answer is a failure with a remedy', async () => {
  const result = await doctor(
    variant('doctor', () => ({ name: 'e2e-doctor' })),
    { KUBECONFIG: '/does/not/exist' },
  );
  expect(result.code).toBe(1);
  expect(result.stdout).toContain('fail  kubeconfig: there is no /does/not/exist\n      remedy: ');
});
