import { Construct } from 'constructs';
import {
  type Component,
  type ContainerResources,
  containerSecurityContext,
  contentHash,
  env,
  k8s,
  podSecurityContext,
  quantities,
  resourceRequirements,
  type SecretRef,
} from '../platform';
import {
  ACCESS_FOLDER,
  authorityMounts,
  clientEnvironment,
  SCRIPTS_FOLDER,
  UID,
  FLAVOURS,
  type VaultClientProps,
} from './vault-client';
import {
  API_PORT,
  CLUSTER_PORT,
  DATA_FOLDER,
  METRICS_PORT,
  TLS_FOLDER,
  vaultConfiguration,
} from './vault-configuration';
import type { Machine } from './vault-keys-script';
import { machinePolicies } from './vault-policies';
import { type Seal, SEAL_FOLDER } from './vault-seal';
import { tokenReview } from './vault-workloads';
import { VAULT_SERVER_SCRIPTS } from './vault-server-scripts';

/** Role of the servers in labels. */
export const SERVER_ROLE = 'server';
/** Seconds that whoever deploys waits for people to unseal a store. */
const PEOPLE_SECONDS = 3600;
const KEY_FOLDER = '/run/secrets/key';

export interface VaultServerProps extends VaultClientProps {
  readonly servers: number;
  readonly volumeSize: string;
  /** @default - the cluster's default class */
  readonly storageClassName?: string;
  readonly resources: ContainerResources;
  /** Name of the Secret with the certificate. @default - plain text */
  readonly certificate?: string;
  readonly seal: Seal;
  /** What encrypts the key on the volumes. @default - none: people hold the key */
  readonly keySecret?: SecretRef;
  /** What the platform's programs log in with. */
  readonly access: Readonly<Record<Machine, SecretRef>>;
  readonly mount: string;
  readonly authPath: string;
  readonly metrics: boolean;
  /** Whether service accounts log in, whose tokens the servers let the API server review. */
  readonly reviewsTokens: boolean;
  readonly clusterDomain: string;
  /** Never place two servers unevenly, even if one must wait for it. */
  readonly spreadStrictly: boolean;
}

/** The servers of a Vault: StatefulSet, Services and, where there are several, a PodDisruptionBudget. */
export class VaultServer extends Construct {
  /** Addresses of all servers, sealed ones included. */
  readonly addresses: readonly string[];

  constructor(
    private readonly component: Component,
    id: string,
    private readonly props: VaultServerProps,
  ) {
    super(component, id);
    const { componentName: name } = component;
    const { servers } = props;
    this.addresses = Array.from({ length: servers }, (_, index) => this.address(`${name}-${index}`, API_PORT));
    const files = this.files();
    const filesName = `${name}-server-${contentHash(files)}`;
    new k8s.KubeConfigMap(this, 'files', { metadata: this.metadata(filesName), immutable: true, data: files });
    new k8s.KubeService(this, 'service', {
      metadata: this.metadata(name),
      spec: { type: 'ClusterIP', selector: { ...this.selector }, ports: [this.port('api', API_PORT)] },
    });
    new k8s.KubeService(this, 'headless', {
      metadata: this.metadata(this.headlessName),
      spec: {
        clusterIp: 'None',
        // servers find each other, and a sealed one can be asked why, before any of them is ready
        publishNotReadyAddresses: true,
        selector: { ...this.selector },
        ports: [
          this.port('api', API_PORT),
          { name: 'cluster', port: CLUSTER_PORT, targetPort: k8s.IntOrString.fromString('cluster') },
        ],
      },
    });
    new k8s.KubeStatefulSet(this, 'statefulset', {
      metadata: { ...this.metadata(name), annotations: this.annotations() },
      spec: this.statefulSetSpec(filesName),
    });
    if (servers > 1) {
      new k8s.KubePodDisruptionBudget(this, 'disruption-budget', {
        metadata: this.metadata(name),
        spec: {
          // a majority must stay, and a sealed server never stands in the way of a drain
          maxUnavailable: k8s.IntOrString.fromNumber(1),
          unhealthyPodEvictionPolicy: 'AlwaysAllow',
          selector: { matchLabels: { ...this.selector } },
        },
      });
    }
  }

  private get headlessName(): string {
    return `${this.component.componentName}-headless`;
  }

  private get selector() {
    return this.component.selector(this.props.flavour, SERVER_ROLE);
  }

  private get labels() {
    return this.component.labels(this.props.flavour, SERVER_ROLE, this.props.image.version);
  }

  private get scheme(): 'http' | 'https' {
    return this.props.tls ? 'https' : 'http';
  }

  private annotations(): Record<string, string> {
    return {
      ...(this.props.seal.keeper === 'people' ? { 'pulumi.com/timeoutSeconds': String(PEOPLE_SECONDS) } : {}),
      ...(this.props.reviewsTokens
        ? {
            'bouture.dev/suppress.reference-exists':
              'Kubernetes itself keeps the ConfigMap kube-root-ca.crt in every namespace',
          }
        : {}),
    };
  }

  private metadata(name: string): k8s.ObjectMeta {
    return { name, namespace: this.component.namespace.name, labels: this.labels };
  }

  private port(target: string, port: number): k8s.ServicePort {
    return { name: this.scheme, appProtocol: this.scheme, port, targetPort: k8s.IntOrString.fromString(target) };
  }

  private address(pod: string, port: number, scheme: string = this.scheme): string {
    const { namespace } = this.component;
    return `${scheme}://${pod}.${this.headlessName}.${namespace.name}.svc.${this.props.clusterDomain}:${port}`;
  }

  private files(): Record<string, string> {
    const { flavour, seal, tls, tlsServerName, certificateAuthority, metrics, mount, authPath } = this.props;
    return {
      'vault.json': vaultConfiguration({
        seal,
        tls,
        tlsServerName,
        hasAuthority: certificateAuthority !== undefined,
        servers: this.addresses,
        metrics,
        declaresAudit: FLAVOURS[flavour].declaresAudit,
      }),
      ...VAULT_SERVER_SCRIPTS,
      ...machinePolicies({ mount, authPath }),
    };
  }

  private statefulSetSpec(filesName: string): k8s.StatefulSetSpec {
    const { servers, volumeSize, storageClassName, metrics } = this.props;
    return {
      serviceName: this.headlessName,
      replicas: servers,
      // a server that joins needs another one, and none of them is ready alone
      podManagementPolicy: 'Parallel',
      updateStrategy: { type: 'RollingUpdate' },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      selector: { matchLabels: { ...this.selector } },
      template: {
        metadata: {
          labels: this.labels,
          ...(metrics
            ? {
                annotations: {
                  'prometheus.io/scrape': 'true',
                  'prometheus.io/scheme': this.scheme,
                  'prometheus.io/port': String(METRICS_PORT),
                  'prometheus.io/path': '/v1/sys/metrics',
                  'prometheus.io/param_format': 'prometheus',
                },
              }
            : {}),
        },
        spec: this.podSpec(filesName),
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: {
            accessModes: ['ReadWriteOnce'],
            ...(storageClassName === undefined ? {} : { storageClassName }),
            resources: { requests: quantities({ storage: volumeSize }) },
          },
        },
      ],
    };
  }

  /** Makes a service account of the servers' own where the cloud knows them by it, and none was made yet. */
  private ownAccount(): boolean {
    const { seal, reviewsTokens } = this.props;
    if (seal.identityAgent === undefined) return false;
    if (reviewsTokens) return true;
    new k8s.KubeServiceAccount(this, 'account', {
      metadata: this.metadata(this.component.componentName),
      automountServiceAccountToken: false,
    });
    return true;
  }

  private podSpec(filesName: string): k8s.PodSpec {
    const { props } = this;
    const authority = authorityMounts(props);
    const secrets = this.secretVolumes();
    const review = props.reviewsTokens
      ? tokenReview(this, {
          name: this.component.componentName,
          namespace: this.component.namespace.name,
          labels: this.labels,
        })
      : undefined;
    return {
      ...(review === undefined && !this.ownAccount() ? {} : { serviceAccountName: this.component.componentName }),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 30,
      securityContext: podSecurityContext(UID),
      ...this.spread(),
      containers: [
        {
          name: 'vault',
          image: props.image.reference,
          imagePullPolicy: 'IfNotPresent',
          command: ['bash', `${SCRIPTS_FOLDER}/start.sh`],
          env: this.environment(),
          ports: [
            { name: 'api', containerPort: API_PORT, protocol: 'TCP' },
            { name: 'cluster', containerPort: CLUSTER_PORT, protocol: 'TCP' },
            ...(props.metrics ? [{ name: 'metrics', containerPort: METRICS_PORT, protocol: 'TCP' }] : []),
          ],
          securityContext: containerSecurityContext(),
          resources: resourceRequirements(props.resources),
          // A sealed server lives, and nothing is gained by starting it anew; it is not ready, so that nobody is sent to it.
          startupProbe: { ...this.probe(true), periodSeconds: 2, failureThreshold: 150 },
          livenessProbe: { ...this.probe(true), periodSeconds: 20, failureThreshold: 3 },
          readinessProbe: { ...this.probe(false), periodSeconds: 5, failureThreshold: 2 },
          volumeMounts: [
            { name: 'data', mountPath: DATA_FOLDER },
            { name: 'files', mountPath: SCRIPTS_FOLDER, readOnly: true },
            ...secrets.map(({ mount }) => mount),
            ...authority.volumeMounts,
            ...(review === undefined ? [] : [review.mount]),
            { name: 'tmp', mountPath: '/tmp' },
          ],
        },
      ],
      volumes: [
        { name: 'files', configMap: { name: filesName } },
        ...secrets.map(({ volume }) => volume),
        ...authority.volumes,
        ...(review === undefined ? [] : [review.volume]),
        // in memory, as everything that a command could leave behind
        { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('16Mi') } },
      ],
    };
  }

  private environment(): k8s.EnvVar[] {
    const { props } = this;
    const { keySecret, seal, servers, certificate } = props;
    return [
      // the names of what follows are made of it, so that it comes first
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ...clientEnvironment(props, `${this.scheme}://127.0.0.1:${API_PORT}`, SERVER_ROLE),
      env('VAULT_RAFT_NODE_ID', '$(POD_NAME)'),
      env('VAULT_API_ADDR', this.address('$(POD_NAME)', API_PORT)),
      env('VAULT_CLUSTER_ADDR', this.address('$(POD_NAME)', CLUSTER_PORT, 'https')),
      env('SCRIPTS', SCRIPTS_FOLDER),
      env('KEEPER', seal.keeper),
      env('KEY_FILE', `${DATA_FOLDER}/unseal.key`),
      env('KEY_SECRET', keySecret === undefined ? '' : `${KEY_FOLDER}/key`),
      env('PEERS', servers > 1 ? this.addresses.join(' ') : ''),
      env('TLS_FILE', certificate === undefined ? '' : `${TLS_FOLDER}/tls.crt`),
      env('SEAL_ADDR', seal.trial?.address ?? ''),
      env('SEAL_PATH', seal.trial?.path ?? ''),
      env('SEAL_CACERT', seal.trial?.certificateAuthorityFile ?? ''),
      ...seal.env,
    ];
  }

  private secretVolumes(): { readonly volume: k8s.Volume; readonly mount: k8s.VolumeMount }[] {
    const { access, keySecret, seal, certificate } = this.props;
    const volume = (name: string, mountPath: string, files: readonly (readonly [SecretRef, string])[]) => ({
      volume: {
        name,
        projected: {
          defaultMode: 0o440,
          sources: files.map(([ref, path]) => ({ secret: { name: ref.name, items: [{ key: ref.key, path }] } })),
        },
      },
      mount: { name, mountPath, readOnly: true },
    });
    const namespace = this.component.namespace.name;
    const tls = (key: string): readonly [SecretRef, string] => [{ namespace, name: certificate ?? '', key }, key];
    return [
      volume(
        'access',
        ACCESS_FOLDER,
        Object.entries(access).map(([machine, ref]) => [ref, machine]),
      ),
      ...(keySecret === undefined ? [] : [volume('key', KEY_FOLDER, [[keySecret, 'key']])]),
      ...(certificate === undefined ? [] : [volume('tls', TLS_FOLDER, [tls('tls.crt'), tls('tls.key')])]),
      ...(seal.files.length === 0
        ? []
        : [
            volume(
              'seal',
              SEAL_FOLDER,
              seal.files.map(({ ref, path }) => [ref, path]),
            ),
          ]),
    ];
  }

  private probe(sealedIsFine: boolean): k8s.Probe {
    const sealed = sealedIsFine ? '&sealedcode=204&uninitcode=204' : '';
    return {
      httpGet: {
        path: `/v1/sys/health?standbyok=true&perfstandbyok=true${sealed}`,
        port: k8s.IntOrString.fromString('api'),
        scheme: this.scheme.toUpperCase(),
      },
      timeoutSeconds: 5,
    };
  }

  private spread(): Pick<k8s.PodSpec, 'topologySpreadConstraints'> {
    if (this.props.servers === 1) return {};
    const topologyKey = 'kubernetes.io/hostname';
    const labelSelector = { matchLabels: { ...this.selector } };
    return {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey,
          whenUnsatisfiable: this.props.spreadStrictly ? 'DoNotSchedule' : 'ScheduleAnyway',
          labelSelector,
        },
      ],
    };
  }
}
