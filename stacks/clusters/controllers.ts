import type { CustomResourceOptions, Input } from '@pulumi/pulumi';
import { Release } from '@pulumi/kubernetes/helm/v3/release';
import { StorageClass } from '@pulumi/kubernetes/storage/v1/storageClass';
import { CLOUD_INGRESS, CLOUD_STORAGE_CLASS } from '../../constructs';

/** Charts of what a cloud's cluster is given, by version: an upgrade is a change of this file. */
const CHARTS = {
  traefik: { repo: 'https://traefik.github.io/charts', version: '37.1.1' },
  'cluster-autoscaler': { repo: 'https://kubernetes.github.io/autoscaler', version: '9.50.1' },
} as const;

/** Seconds that a controller may take to be ready: its image, its volume, its load balancer. */
const TIMEOUT_SECONDS = 900;

/** Installs a chart into a namespace of its own. */
export function installChart(
  chart: keyof typeof CHARTS,
  namespace: string,
  values: Readonly<Record<string, unknown>>,
  options: CustomResourceOptions,
): Release {
  const { repo, version } = CHARTS[chart];
  return new Release(
    chart,
    {
      chart,
      version,
      name: chart,
      namespace,
      createNamespace: true,
      atomic: true,
      timeout: TIMEOUT_SECONDS,
      repositoryOpts: { repo },
      values,
    },
    options,
  );
}

/** The class of every volume: encrypted, grown on demand, made in the zone of the Pod that asks first. */
export function storageClass(
  provisioner: string,
  parameters: Readonly<Record<string, Input<string>>>,
  options: CustomResourceOptions,
): StorageClass {
  return new StorageClass(
    'storage-class',
    {
      metadata: {
        name: CLOUD_STORAGE_CLASS,
        annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
      },
      provisioner,
      parameters,
      allowVolumeExpansion: true,
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: 'Delete',
    },
    options,
  );
}

/** How Traefik proves to Let's Encrypt that a domain is the office's: by a record in the zone of the cloud's DNS. */
export interface DnsChallenge {
  /** Name of the provider, in the words of lego: `route53`, `gcloud`, `azuredns`. */
  readonly provider: string;
  readonly email: string;
  /** Domains with their wildcards. */
  readonly domains: readonly string[];
  /** What the provider reads from its environment. */
  readonly environment: Readonly<Record<string, Input<string>>>;
}

/** Name of the resolver of certificates in Traefik. */
const RESOLVER = 'letsencrypt';

/** What a cloud adds to Traefik. */
export interface IngressControllerProps {
  readonly challenge: DnsChallenge;
  /** Annotations of the Service of type LoadBalancer, in the cloud's own words. */
  readonly serviceAnnotations: Readonly<Record<string, string>>;
  /** Annotations of the service account. @default - none */
  readonly accountAnnotations?: Readonly<Record<string, Input<string>>>;
  /** Labels of the Pods. @default - those of the chart */
  readonly podLabels?: Readonly<Record<string, string>>;
}

/**
 * The controller of Ingresses, behind the cloud's load balancer. It is the same one everywhere, so that an exposure means the same in every
 * cloud; it has one certificate for all hosts of a domain, which it renews itself and keeps on a volume.
 */
export function ingressController(props: IngressControllerProps, options: CustomResourceOptions): Release {
  const { challenge, serviceAnnotations, accountAnnotations, podLabels } = props;
  const { className, namespace } = CLOUD_INGRESS;
  return installChart(
    'traefik',
    namespace,
    {
      // The certificates stand on one volume: the Pod that has it ends before the next begins. `Recreate` would have to take the default of
      // rollingUpdate away by a null, which the provider drops (https://github.com/pulumi/pulumi-kubernetes/issues/2034).
      deployment: { replicas: 1, ...(podLabels === undefined ? {} : { podLabels }) },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      ingressClass: { enabled: true, name: className, isDefaultClass: false },
      ingressRoute: { dashboard: { enabled: false } },
      providers: { kubernetesCRD: { enabled: false }, kubernetesIngress: { ingressClass: className } },
      service: { annotations: serviceAnnotations },
      serviceAccountAnnotations: accountAnnotations ?? {},
      persistence: { enabled: true, size: '128Mi', storageClass: CLOUD_STORAGE_CLASS },
      podSecurityContext: { fsGroup: 65_532, fsGroupChangePolicy: 'OnRootMismatch' },
      // In Traefik's own words, which change less than those of its chart.
      additionalArguments: [
        '--entrypoints.web.http.redirections.entrypoint.to=websecure',
        '--entrypoints.web.http.redirections.entrypoint.scheme=https',
        `--certificatesresolvers.${RESOLVER}.acme.email=${challenge.email}`,
        `--certificatesresolvers.${RESOLVER}.acme.storage=/data/acme.json`,
        `--certificatesresolvers.${RESOLVER}.acme.dnschallenge.provider=${challenge.provider}`,
        `--entrypoints.websecure.http.tls.certresolver=${RESOLVER}`,
        ...challenge.domains.flatMap((domain, index) => [
          `--entrypoints.websecure.http.tls.domains[${index}].main=${domain}`,
          `--entrypoints.websecure.http.tls.domains[${index}].sans=*.${domain}`,
        ]),
      ],
      env: Object.entries(challenge.environment).map(([name, value]) => ({ name, value })),
    },
    options,
  );
}
