import { ComponentResource, type CustomResourceOptions, secret } from '@pulumi/pulumi';
import { Service } from '@pulumi/kubernetes/core/v1/service';
import { RecordSet } from '@pulumi/gcp/dns/recordSet';
import { Provider } from '@pulumi/gcp/provider';
import { CLOUD_INGRESS, CLOUD_STORAGE_CLASS, type CloudNeeds, type GcpSettings } from '../../../constructs';
import type { Cluster, ClusterContext, ClusterExposure, WorkloadIdentity } from '../cluster';
import { ingressController, storageClass } from '../controllers';
import { kubeconfig } from '../kubeconfig';
import { kubernetesProvider } from '../kubernetes-provider';
import { makeCluster } from './cluster';
import { makeDatabase } from './database';
import { workloadIdentity } from './identity';
import { makeKeys } from './keys';
import { makeNetwork } from './network';
import { makeObjectStore } from './object-store';

/** Seconds that a record may be remembered. */
const RECORD_SECONDS = 300;

/** Everything that a platform needs at Google Cloud: network, GKE, key, object store, database, the way in. */
export function gcpCluster(needs: CloudNeeds, settings: GcpSettings, { generated }: ClusterContext): Cluster {
  const { platform: name, database } = needs;
  const { region, project, dns } = settings;
  const root = new ComponentResource('bouture:cloud:Gcp', name, {}, {});
  const gcp = new Provider('gcp', { region, project, defaultLabels: { bouture: name } }, { parent: root });
  const options: CustomResourceOptions = { parent: root, provider: gcp };

  const key = makeKeys(name, settings, options);
  const network = makeNetwork(name, settings, options);
  const gke = makeCluster(name, settings, network, key, options);
  const store = makeObjectStore(needs, settings, key, options);
  const server =
    database === undefined
      ? undefined
      : makeDatabase(name, database, secret(generated(database.password)), settings, network, key, options);

  const config = gke.cluster.endpoint.apply((endpoint) =>
    gke.cluster.masterAuth.apply(({ clusterCaCertificate }) =>
      kubeconfig({
        name,
        server: `https://${endpoint}`,
        certificateAuthority: clusterCaCertificate,
        exec: {
          command: 'gke-gcloud-auth-plugin',
          args: [],
          installHint:
            'gke-gcloud-auth-plugin gives tokens for this cluster: gcloud components install gke-gcloud-auth-plugin',
        },
      }),
    ),
  );
  const inCluster = kubernetesProvider('cluster', { kubeconfig: config }, { parent: root, dependsOn: [...gke.ready] });
  const within: CustomResourceOptions = { parent: root, provider: inCluster };
  const volumes = storageClass(
    'pd.csi.storage.gke.io',
    { type: 'pd-balanced', 'disk-encryption-kms-key': key.id },
    within,
  );
  const domains = needs.exposure?.domains ?? [];
  const identities: WorkloadIdentity[] = [];
  let exposure: ClusterExposure | undefined;
  if (dns !== undefined && domains.length > 0) {
    const { namespace, className: ingressClassName } = CLOUD_INGRESS;
    const identity = workloadIdentity(name, 'ingress', { namespace, serviceAccount: 'traefik' }, settings, options);
    identity.mayChangeZone(dns.zone);
    identities.push(identity);
    const controller = ingressController(
      {
        challenge: {
          provider: 'gcloud',
          email: dns.email,
          domains,
          environment: { GCE_PROJECT: project, GCE_ZONE_ID: dns.zone },
        },
        serviceAnnotations: {},
        accountAnnotations: { 'iam.gke.io/gcp-service-account': identity.identity },
      },
      { ...within, dependsOn: [volumes, ...identity.resources] },
    );
    const service = Service.get('ingress', `${namespace}/traefik`, { ...within, dependsOn: [controller] });
    const address = service.status.loadBalancer.ingress.apply((balancers) => {
      const [balancer] = balancers;
      if (balancer === undefined)
        throw new Error('the load balancer of Service traefik/traefik has no address yet: run the update again');
      return balancer.ip;
    });
    for (const domain of domains) {
      new RecordSet(
        `hosts-of-${domain}`,
        { managedZone: dns.zone, name: `*.${domain}.`, type: 'A', ttl: RECORD_SECONDS, rrdatas: [address] },
        options,
      );
    }
    exposure = { ingressClassName, address };
  }
  return {
    provider: inCluster,
    kubeconfig: config,
    storageClasses: [CLOUD_STORAGE_CLASS],
    nodePools: settings.nodePools,
    workloadIdentities: identities,
    ...(exposure === undefined ? {} : { exposure }),
    objectStore: { buckets: store.buckets },
    values: { ...store.values, ...server },
  };
}
