import * as pulumi from '@pulumi/pulumi';
import { parseConfig } from '../../blueprints/load';
import { type Synthesis, synthesize } from '../../constructs';
import type { CloudResource } from '../../stacks/policy/clouds';
import { platformProgram, type StackOutputs } from '../../stacks/program';
import type { Registered } from './pulumi';
import { runProgram } from './pulumi';

/** The `cluster:` section of each cloud: all that changes between them. */
export const CLUSTERS = {
  aws: `
  aws:
    region: eu-west-3
    account: '123456789012'
    apiAccessFrom: [192.0.2.0/24]
    administrators: [arn:aws:iam::123456789012:role/platform]
    dns: {zone: Z0123456789ABCDEFGHIJ, email: ops@example.org}
    userBuckets: [alice]
    nodePools:
      - {name: platform, machineType: m7i.xlarge, minNodes: 3, maxNodes: 6}
      - {name: gpu, machineType: g6.xlarge, minNodes: 0, maxNodes: 4, gpus: {count: 1}, labels: {team: methods}}`,
  gcp: `
  gcp:
    region: europe-west9
    project: office-data
    apiAccessFrom: [192.0.2.0/24]
    administrators: ['group:platform@example.org']
    dns: {zone: office-zone, email: ops@example.org}
    nodePools:
      - {name: platform, machineType: n2-standard-4, minNodes: 3, maxNodes: 6}
      - {name: gpu, machineType: g2-standard-8, minNodes: 0, maxNodes: 4, gpus: {count: 1, type: nvidia-l4}}`,
  azure: `
  azure:
    region: francecentral
    subscription: 11111111-1111-1111-1111-111111111111
    tenant: 22222222-2222-2222-2222-222222222222
    apiAccessFrom: [192.0.2.0/24]
    administrators: [33333333-3333-3333-3333-333333333333]
    dns: {zone: dns-group/data.example.org, email: ops@example.org}
    nodePools:
      - {name: platform, machineType: Standard_D4s_v5, minNodes: 3, maxNodes: 6}
      - {name: gpu, machineType: Standard_NC4as_T4_v3, minNodes: 0, maxNodes: 4, gpus: {count: 1}}`,
} as const;

export type CloudName = keyof typeof CLUSTERS;

/** The rest of the file, the same for every cloud: the whole platform, each part of which is left to the cloud where the cloud has one. */
export const PLATFORM = `apiVersion: bouture.dev/v1
blueprint: sspcloud
name: office
images: {mirror: registry.example.org}
exposure: {domain: data.example.org}
identity: {keycloak: {}}
secrets: {snapshots: {}}
people:
  userPrefix: stat-user-
  projectPrefix: stat-projet-
  internet: true
  services: {domain: lab.data.example.org, ingressClassName: traefik}
  projects: [{name: census}]
mlflow: {}
`;

/** The platform in a cloud. @param more further sections */
export function cloudSynthesis(cloud: CloudName, more: string = objectsOf(cloud)): Synthesis {
  return synthesize(parseConfig(`${cloud}.yaml`, `${PLATFORM}${more}cluster:${CLUSTERS[cloud]}\n`).compose());
}

/** Azure has no S3 interface. */
export function objectsOf(cloud: CloudName): string {
  return cloud === 'azure' ? 'objectStore: {minio: {}}\n' : '';
}

/** What a cloud answers beside what it was asked: what the engine would know once a resource is there. */
const ANSWERS: Readonly<Record<string, (inputs: Readonly<Record<string, unknown>>, name: string) => object>> = {
  'aws:kms/key:Key': (_, name) => ({ arn: `arn:aws:kms:eu-west-3:123456789012:key/${name}`, keyId: name }),
  'aws:eks/cluster:Cluster': () => ({
    endpoint: 'https://eks.example.org',
    certificateAuthority: { data: 'Q0E=' },
  }),
  'aws:iam/role:Role': ({ name }) => ({ arn: `arn:aws:iam::123456789012:role/${String(name)}` }),
  'aws:iam/accessKey:AccessKey': (_, name) => ({ secret: `secret-of-${name}` }),
  'aws:rds/instance:Instance': () => ({ address: 'office-database.abc.eu-west-3.rds.amazonaws.com' }),
  'aws:ec2/launchTemplate:LaunchTemplate': () => ({ latestVersion: 1 }),
  'gcp:kms/keyRing:KeyRing': ({ name }) => ({ id: name }),
  'gcp:container/cluster:Cluster': () => ({
    endpoint: '192.0.2.10',
    masterAuth: { clusterCaCertificate: 'Q0E=' },
  }),
  'gcp:serviceaccount/account:Account': ({ accountId }) => ({
    email: `${String(accountId)}@office-data.iam.gserviceaccount.com`,
    name: `projects/office-data/serviceAccounts/${String(accountId)}`,
  }),
  'gcp:storage/hmacKey:HmacKey': (_, name) => ({ accessId: `id-of-${name}`, secret: `secret-of-${name}` }),
  'gcp:sql/databaseInstance:DatabaseInstance': () => ({
    privateIpAddress: '10.80.240.5',
    serverCaCerts: [{ cert: '-----BEGIN CERTIFICATE-----\nCA\n-----END CERTIFICATE-----' }],
  }),
  'gcp:projects/serviceIdentity:ServiceIdentity': () => ({ email: 'sql@example.org' }),
  'azure:containerservice/kubernetesCluster:KubernetesCluster': () => ({
    kubeConfigs: [{ host: 'https://aks.example.org', clusterCaCertificate: 'Q0E=' }],
    oidcIssuerUrl: 'https://issuer.example.org/',
  }),
  'azure:compute/diskEncryptionSet:DiskEncryptionSet': () => ({ identity: { principalId: 'disks', tenantId: 't' } }),
  'azure:authorization/userAssignedIdentity:UserAssignedIdentity': (_, name) => ({
    principalId: `principal-${name}`,
    clientId: `client-${name}`,
  }),
  'azure:postgresql/flexibleServer:FlexibleServer': () => ({
    fqdn: 'office-database.postgres.database.azure.com',
  }),
  'azure:keyvault/key:Key': () => ({ versionlessId: 'https://vault.example.org/keys/data' }),
  'kubernetes:core/v1:Service': () => ({
    status: { loadBalancer: { ingress: [{ hostname: 'balancer.example.org', ip: '192.0.2.20' }] } },
  }),
};

const SEED = Buffer.alloc(32, 7).toString('base64');

/** What deploying the platform in a cloud registers, by type and name, and what the stack says. */
export async function deployInCloud(cloud: CloudName, synthesis: Synthesis = cloudSynthesis(cloud)) {
  const { registered, result } = await runProgram(
    async () => {
      // A preview waits for no workload, and the mock knows every output all the same.
      const outputs = await platformProgram(() => synthesis, { seed: pulumi.secret(SEED) });
      return new Promise<pulumi.Unwrap<StackOutputs>>((resolve) => {
        pulumi.output(outputs).apply(resolve);
      });
    },
    {
      preview: true,
      resource: (type, name, inputs) => ANSWERS[type]?.(inputs, name) ?? {},
      call: () => ({ number: '1234567890', emailAddress: 'storage@example.org' }),
    },
  );
  const inCloud = registered.filter(({ type }) => new RegExp(`^${cloud}:`).test(type));
  const get = (type: string, name?: string): Registered => {
    const found = registered.find((one) => one.type.includes(type) && (name === undefined || one.name === name));
    if (found === undefined) throw new Error(`nothing registered as ${type} ${name ?? ''}`);
    return found;
  };
  const all = (type: string): readonly Registered[] => registered.filter((one) => one.type.includes(type));
  return { registered, inCloud, outputs: result, get, all };
}

/** What was registered, as a policy pack sees it: secrets and what is known only later stand for themselves. */
export function resourcesOf(registered: readonly Registered[]): readonly CloudResource[] {
  return registered.map(({ type, name, inputs }) => ({ type, name, urn: `urn:${type}::${name}`, props: inputs }));
}
