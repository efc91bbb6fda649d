import { ComponentResource, type CustomResourceOptions, type Resource, secret } from '@pulumi/pulumi';
import { Service } from '@pulumi/kubernetes/core/v1/service';
import { Provider } from '@pulumi/aws/provider';
import { Record } from '@pulumi/aws/route53/record';
import { type AwsSettings, CLOUD_INGRESS, CLOUD_STORAGE_CLASS, type CloudNeeds } from '../../../constructs';
import type { Cluster, ClusterContext, ClusterExposure, WorkloadIdentity } from '../cluster';
import { ingressController, installChart, storageClass } from '../controllers';
import { kubeconfig } from '../kubeconfig';
import { kubernetesProvider } from '../kubernetes-provider';
import { makeCluster } from './cluster';
import { makeDatabase } from './database';
import { makeKeys } from './keys';
import { makeNetwork } from './network';
import { makeObjectStore } from './object-store';
import { admitPeople } from './people';
import { associate, podRole, type PodRoleProps } from './pod-identity';
import { autoscalerPolicy, dnsPolicy, unsealPolicy } from './policies';

/** Seconds that a record may be remembered: a load balancer that is made anew has another name. */
const RECORD_SECONDS = 300;

/** Everything that a platform needs at AWS: network, EKS, keys, object store, database, the way in, and who trusts whom. */
export function awsCluster(needs: CloudNeeds, settings: AwsSettings, { generated }: ClusterContext): Cluster {
  const { platform: name, database, seal } = needs;
  const { region, account, rolePrefix = '' } = settings;
  const root = new ComponentResource('bouture:cloud:Aws', name, {}, {});
  const aws = new Provider(
    'aws',
    { region, allowedAccountIds: [account], defaultTags: { tags: { 'bouture.dev/platform': name } } },
    { parent: root },
  );
  const options: CustomResourceOptions = { parent: root, provider: aws };

  const keys = makeKeys(needs, settings, options);
  const network = makeNetwork(name, settings, options);
  const eks = makeCluster(name, settings, network, keys.data, options);
  const store = makeObjectStore(needs, settings, keys.data, options);
  const host =
    database === undefined
      ? undefined
      : makeDatabase(name, database, secret(generated(database.password)), settings, network, keys.data, options);

  const identities: WorkloadIdentity[] = [];
  const ready: Resource[] = [...eks.ready, ...network.endpoints];
  const admit = (props: Omit<PodRoleProps, 'cluster' | 'rolePrefix'>): void => {
    const role = podRole({ ...props, cluster: name, rolePrefix }, options);
    const { resource, ...identity } = associate(props, eks.name, role, options);
    identities.push(identity);
    ready.push(resource);
  };
  admit({
    name: 'autoscaler',
    namespace: 'cluster-autoscaler',
    serviceAccount: 'cluster-autoscaler',
    policy: autoscalerPolicy(name),
  });
  if (seal !== undefined && keys.seal !== undefined) {
    admit({ name: 'unseal', ...seal, policy: keys.seal.arn.apply(unsealPolicy) });
  }
  const { dns } = settings;
  const domains = needs.exposure?.domains ?? [];
  if (dns !== undefined && domains.length > 0) {
    const { namespace } = CLOUD_INGRESS;
    admit({ name: 'ingress', namespace, serviceAccount: 'traefik', policy: dnsPolicy(dns.zone) });
  }

  const config = eks.cluster.endpoint.apply((server) =>
    eks.cluster.certificateAuthority.apply(({ data }) =>
      kubeconfig({
        name,
        server,
        certificateAuthority: data,
        exec: {
          command: 'aws',
          args: ['eks', 'get-token', '--cluster-name', name, '--region', region, '--output', 'json'],
          installHint: 'the AWS CLI gives tokens for this cluster: https://docs.aws.amazon.com/cli/',
        },
      }),
    ),
  );
  const inCluster = kubernetesProvider('cluster', { kubeconfig: config }, { parent: root, dependsOn: ready });
  const within: CustomResourceOptions = { parent: root, provider: inCluster };
  const volumes = storageClass(
    'ebs.csi.aws.com',
    { type: 'gp3', encrypted: 'true', kmsKeyId: keys.data.arn, 'csi.storage.k8s.io/fstype': 'ext4' },
    within,
  );
  installChart(
    'cluster-autoscaler',
    'cluster-autoscaler',
    {
      autoDiscovery: { clusterName: name },
      awsRegion: region,
      rbac: { serviceAccount: { name: 'cluster-autoscaler' } },
    },
    within,
  );
  const exposure: ClusterExposure | undefined =
    dns === undefined || domains.length === 0 ? undefined : expose(settings, dns, domains, options, within, volumes);
  return {
    provider: inCluster,
    kubeconfig: config,
    storageClasses: [CLOUD_STORAGE_CLASS],
    nodePools: settings.nodePools,
    workloadIdentities: identities,
    ...(exposure === undefined ? {} : { exposure }),
    objectStore: { buckets: store.buckets },
    values: { ...store.values, ...(host === undefined || database === undefined ? {} : { [database.host.id]: host }) },
    trustPlatform: (platform) => {
      admitPeople(needs, eks.name, platform, options);
    },
  };
}

/** A network load balancer before Traefik, and a wildcard that leads to it for each domain. */
function expose(
  { region }: AwsSettings,
  dns: NonNullable<AwsSettings['dns']>,
  domains: readonly string[],
  options: CustomResourceOptions,
  within: CustomResourceOptions,
  volumes: Resource,
): ClusterExposure {
  const controller = ingressController(
    {
      challenge: {
        provider: 'route53',
        email: dns.email,
        domains,
        environment: { AWS_REGION: region, AWS_HOSTED_ZONE_ID: dns.zone },
      },
      serviceAnnotations: {
        'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb',
        'service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled': 'true',
      },
    },
    { ...within, dependsOn: [volumes] },
  );
  const { namespace, className: ingressClassName } = CLOUD_INGRESS;
  const service = Service.get('ingress', `${namespace}/traefik`, { ...within, dependsOn: [controller] });
  const address = service.status.loadBalancer.ingress.apply((balancers) => {
    const [balancer] = balancers;
    if (balancer === undefined)
      throw new Error('the load balancer of Service traefik/traefik has no host yet: run the update again');
    return balancer.hostname;
  });
  for (const domain of domains) {
    new Record(
      `hosts-of-${domain}`,
      { zoneId: dns.zone, name: `*.${domain}`, type: 'CNAME', ttl: RECORD_SECONDS, records: [address] },
      options,
    );
  }
  return { ingressClassName, address };
}
