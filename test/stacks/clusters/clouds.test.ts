import { DeployTimeValue, deployTimeIds, type Synthesis } from '../../../constructs';
import { CLOUD_RULES } from '../../../stacks/policy/clouds';
import { type CloudName, cloudSynthesis, CLUSTERS, deployInCloud, resourcesOf } from '../../support/clouds';
import { isSecret } from '../../support/pulumi';

/** What constructs ask the cloud for: the values in manifests, and those in Secrets. */
function askedFor({ objects, secrets }: Synthesis): string[] {
  const inSecrets = secrets.flatMap(({ data }) =>
    Object.values(data).flatMap((value) => (value instanceof DeployTimeValue ? [value.id] : [])),
  );
  return [...new Set([...deployTimeIds(objects), ...inSecrets])].sort();
}

describe.each(Object.keys(CLUSTERS) as CloudName[])('the whole platform at %s', (cloud) => {
  let synthesis: Synthesis;
  let made: Awaited<ReturnType<typeof deployInCloud>>;

  beforeAll(async () => {
    synthesis = cloudSynthesis(cloud);
    made = await deployInCloud(cloud, synthesis);
  }, 120_000);

  test('gives every value that a construct asks for', () => {
    expect(askedFor(synthesis)).toContain('database-host');
    const objects = made.all('kubernetes:').map(({ inputs }) => inputs);
    expect(deployTimeIds(objects)).toEqual([]);
    for (const { name, namespace, data } of synthesis.secrets) {
      const { data: sent } = made.get('kubernetes:core/v1:Secret', `${namespace}/${name}`).inputs;
      const values = sent as Readonly<Record<string, { readonly value?: unknown }>>;
      expect(Object.keys(values).sort()).toEqual(Object.keys(data).sort());
      for (const value of Object.values(values)) {
        expect(isSecret(value)).toBe(true);
        expect(value.value).toEqual(expect.stringMatching(/^[A-Za-z0-9+/]+=*$/));
      }
    }
  });

  test('deploys every object through the provider of the cluster that it makes', () => {
    const provider = made.get('pulumi:providers:kubernetes', 'cluster');
    const ours = made.all('kubernetes:').filter(({ name }) => name.startsWith('office-'));
    expect(ours.length).toBeGreaterThan(50);
    for (const { provider: used } of ours) expect(used).toContain('pulumi:providers:kubernetes::cluster');
    expect(provider.dependsOn.length).toBeGreaterThan(0);
    expect(JSON.parse(String(provider.inputs['kubeconfig']))).toMatchObject({
      users: [{ user: { exec: { apiVersion: 'client.authentication.k8s.io/v1' } } }],
    });
  });

  test('keeps what holds data', () => {
    const held = made.inCloud.filter(({ protect }) => protect).map(({ type }) => type.split(':').at(-1));
    const databases = { aws: 'Instance', gcp: 'DatabaseInstance', azure: 'FlexibleServer' };
    const keys = { aws: 'Key', gcp: 'CryptoKey', azure: 'Key' };
    expect(held).toEqual(expect.arrayContaining([databases[cloud], keys[cloud]]));
  });

  test('tells nobody a secret', () => {
    expect(JSON.stringify(made.outputs)).not.toMatch(/secret-of-|s3-secret/);
    const password = { aws: 'password', gcp: 'password', azure: 'administratorPassword' }[cloud];
    const type = { aws: 'rds/instance', gcp: 'sql/user', azure: 'postgresql/flexibleServer' }[cloud];
    expect(isSecret(made.get(type).inputs[password])).toBe(true);
  });

  test('says the password of the database to the cloud as to the Job that makes roles', () => {
    const password = { aws: 'password', gcp: 'password', azure: 'administratorPassword' }[cloud];
    const type = { aws: 'rds/instance', gcp: 'sql/user', azure: 'postgresql/flexibleServer' }[cloud];
    const told = made.get(type).inputs[password] as { readonly value: string };
    const { data } = made.get('kubernetes:core/v1:Secret', 'office-database/database-administrator').inputs;
    const kept = (data as { readonly password: { readonly value: string } }).password.value;
    expect(Buffer.from(kept, 'base64').toString()).toBe(told.value);
    expect(told.value).toMatch(/^[A-Za-z0-9]{32}$/);
  });

  test('gives nodes with GPUs to Pods that ask for them', () => {
    const pools = { aws: 'eks/nodeGroup', gcp: 'container/nodePool', azure: 'kubernetesClusterNodePool' };
    const gpu = JSON.stringify(made.get(pools[cloud], 'nodes-gpu').inputs);
    expect(gpu).toMatch({ aws: /AL2023_x86_64_NVIDIA/, gcp: /nvidia-l4/, azure: /nvidia.com\/gpu=present/ }[cloud]);
    expect(gpu).toContain('bouture.dev/pool');
  });

  test('leads the world to the controller of Ingresses by names and a certificate for each domain', () => {
    const { inputs } = made.get('helm.sh/v3:Release', 'traefik');
    expect(inputs).toMatchObject({ namespace: 'traefik', chart: 'traefik', version: expect.any(String) as string });
    const { additionalArguments } = inputs['values'] as { readonly additionalArguments: readonly string[] };
    expect(additionalArguments).toEqual(
      expect.arrayContaining([
        '--entrypoints.websecure.http.tls.domains[0].sans=*.data.example.org',
        '--entrypoints.websecure.http.tls.domains[1].sans=*.lab.data.example.org',
      ]),
    );
    const records = { aws: 'route53/record', gcp: 'dns/recordSet', azure: 'dns/aRecord' };
    expect(made.all(records[cloud])).toHaveLength(2);
    expect(made.outputs.loadBalancer).toBe(cloud === 'aws' ? 'balancer.example.org' : '192.0.2.20');
  });

  test('breaks no rule for clouds', () => {
    const resources = resourcesOf(made.registered);
    const found = CLOUD_RULES.flatMap(({ id, check }) =>
      [...check(resources)].map(({ resource, property, message }) => `${id}: ${resource.name} ${property} ${message}`),
    );
    expect(found).toEqual([]);
  });
});

test('one configuration runs in each cloud: only its section cluster differs', () => {
  const kinds = (cloud: CloudName) =>
    cloudSynthesis(cloud)
      .objects.map(({ manifest }) => `${manifest.kind} ${manifest.metadata.namespace ?? ''}/${manifest.metadata.name}`)
      .map((name) => name.replace(/-[0-9a-f]{10}\b/g, ''));
  const [aws, gcp] = [kinds('aws'), kinds('gcp')];
  // At AWS the servers of the secret store have an account that AWS gives their key to.
  expect(aws.filter((name) => !gcp.includes(name))).toEqual(['ServiceAccount office-vault/vault']);
  expect(gcp.filter((name) => !aws.includes(name))).toEqual([]);
});
