import { ComponentResource, type CustomResourceOptions, type Output, secret } from '@pulumi/pulumi';
import { Assignment } from '@pulumi/azure/authorization/assignment';
import { UserAssignedIdentity } from '@pulumi/azure/authorization/userAssignedIdentity';
import { FederatedIdentityCredential } from '@pulumi/azure/armmsi/federatedIdentityCredential';
import type { KubernetesCluster } from '@pulumi/azure/containerservice/kubernetesCluster';
import { ResourceGroup } from '@pulumi/azure/core/resourceGroup';
import { ARecord } from '@pulumi/azure/dns/arecord';
import { Provider } from '@pulumi/azure/provider';
import { Service } from '@pulumi/kubernetes/core/v1/service';
import { type AzureSettings, CLOUD_INGRESS, CLOUD_STORAGE_CLASS, type CloudNeeds } from '../../../constructs';
import { programError } from '../../program-error';
import type { Cluster, ClusterContext, ClusterExposure, WorkloadIdentity } from '../cluster';
import { ingressController, storageClass } from '../controllers';
import { kubeconfig } from '../kubeconfig';
import { kubernetesProvider } from '../kubernetes-provider';
import { makeCluster } from './cluster';
import { makeDatabase } from './database';
import { makeKeys } from './keys';
import { makeNetwork } from './network';

/** Seconds that a record may be remembered. */
const RECORD_SECONDS = 300;
/** The application of Entra that tokens for every AKS cluster are for (https://learn.microsoft.com/azure/aks/kubelogin-authentication). */
const AKS_APPLICATION = '6dae42f8-4368-4678-94ff-3960e28e3630';

/** Everything that a platform needs at Azure: network, AKS, key, database, the way in. Azure has no S3 interface: objects are kept elsewhere. */
export function azureCluster(needs: CloudNeeds, settings: AzureSettings, { generated }: ClusterContext): Cluster {
  const { platform: name, database, buckets } = needs;
  const { region: location, subscription, tenant, dns } = settings;
  if (buckets.length > 0) throw programError('Azure has no S3 interface: name an object store in the configuration');
  const root = new ComponentResource('bouture:cloud:Azure', name, {}, {});
  const azure = new Provider(
    'azure',
    { subscriptionId: subscription, tenantId: tenant, features: {} },
    { parent: root },
  );
  const options: CustomResourceOptions = { parent: root, provider: azure };

  const group = new ResourceGroup('platform', { name, location }, { ...options, protect: true });
  const keys = makeKeys(name, group.name, settings, options);
  const network = makeNetwork(name, group.name, settings, options);
  const aks = makeCluster(name, group.name, settings, network, keys, options);
  const host =
    database === undefined
      ? undefined
      : makeDatabase(
          name,
          group.name,
          database,
          secret(generated(database.password)),
          settings,
          network,
          keys,
          options,
        );

  const config = aks.cluster.kubeConfigs.apply((configs) => {
    const [first] = configs;
    if (first === undefined) throw new Error('AKS tells no address of the cluster');
    return kubeconfig({
      name,
      server: first.host,
      certificateAuthority: first.clusterCaCertificate,
      exec: {
        command: 'kubelogin',
        args: ['get-token', '--login', 'azurecli', '--tenant-id', tenant, '--server-id', AKS_APPLICATION],
        installHint: 'kubelogin gives tokens for this cluster: https://azure.github.io/kubelogin/',
      },
    });
  });
  const inCluster = kubernetesProvider('cluster', { kubeconfig: config }, { parent: root, dependsOn: [...aks.ready] });
  const within: CustomResourceOptions = { parent: root, provider: inCluster };
  storageClass('disk.csi.azure.com', { skuName: 'Premium_LRS', diskEncryptionSetID: keys.disks.id }, within);
  const identities: WorkloadIdentity[] = [];
  const domains = needs.exposure?.domains ?? [];
  const exposure =
    dns === undefined || domains.length === 0
      ? undefined
      : expose(name, group.name, settings, dns, domains, aks.cluster, options, within, identities);
  return {
    provider: inCluster,
    kubeconfig: config,
    storageClasses: [CLOUD_STORAGE_CLASS],
    nodePools: settings.nodePools,
    workloadIdentities: identities,
    ...(exposure === undefined ? {} : { exposure }),
    values: host === undefined || database === undefined ? {} : { [database.host.id]: host },
  };
}

/** A load balancer before Traefik, which changes records of the zone as an identity of its own. */
function expose(
  name: string,
  resourceGroupName: Output<string>,
  { region: location, subscription }: AzureSettings,
  dns: NonNullable<AzureSettings['dns']>,
  domains: readonly string[],
  cluster: KubernetesCluster,
  options: CustomResourceOptions,
  within: CustomResourceOptions,
  identities: WorkloadIdentity[],
): ClusterExposure {
  const { namespace, className: ingressClassName } = CLOUD_INGRESS;
  const [zoneGroup = '', zoneName = ''] = dns.zone.split('/');
  const identity = new UserAssignedIdentity(
    'ingress',
    { name: `${name}-ingress`, resourceGroupName, location },
    options,
  );
  const account = { namespace, serviceAccount: 'traefik' };
  const federated = new FederatedIdentityCredential(
    'ingress',
    {
      name: 'traefik',
      userAssignedIdentityId: identity.id,
      audience: 'api://AzureADTokenExchange',
      issuer: cluster.oidcIssuerUrl,
      subject: `system:serviceaccount:${account.namespace}:${account.serviceAccount}`,
    },
    options,
  );
  const allowed = new Assignment(
    'ingress-zone',
    {
      scope: `/subscriptions/${subscription}/resourceGroups/${zoneGroup}/providers/Microsoft.Network/dnsZones/${zoneName}`,
      roleDefinitionName: 'DNS Zone Contributor',
      principalId: identity.principalId,
    },
    options,
  );
  identities.push({ ...account, identity: identity.clientId });
  const controller = ingressController(
    {
      challenge: {
        provider: 'azuredns',
        email: dns.email,
        domains,
        environment: {
          AZURE_SUBSCRIPTION_ID: subscription,
          AZURE_RESOURCE_GROUP: zoneGroup,
          AZURE_ZONE_NAME: zoneName,
          AZURE_AUTH_METHOD: 'wli',
        },
      },
      serviceAnnotations: {},
      accountAnnotations: { 'azure.workload.identity/client-id': identity.clientId },
      podLabels: { 'azure.workload.identity/use': 'true' },
    },
    { ...within, dependsOn: [federated, allowed] },
  );
  const service = Service.get('ingress', `${namespace}/traefik`, { ...within, dependsOn: [controller] });
  const address = service.status.loadBalancer.ingress.apply((balancers) => {
    const [balancer] = balancers;
    if (balancer === undefined)
      throw new Error('the load balancer of Service traefik/traefik has no address yet: run the update again');
    return balancer.ip;
  });
  for (const domain of domains) {
    new ARecord(
      `hosts-of-${domain}`,
      {
        resourceGroupName: zoneGroup,
        zoneName,
        name: ['*', ...(domain === zoneName ? [] : [domain.slice(0, -zoneName.length - 1)])].join('.'),
        ttl: RECORD_SECONDS,
        records: [address],
      },
      options,
    );
  }
  return { ingressClassName, address };
}
