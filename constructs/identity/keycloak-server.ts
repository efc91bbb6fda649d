import { Construct } from 'constructs';
import {
  atStep,
  authorityFile,
  type Component,
  type Connections,
  type ContainerResources,
  containerSecurityContext,
  env,
  envFromSecret,
  type ImageReference,
  k8s,
  podSecurityContext,
  resourceRequirements,
  type SecretRef,
} from '../platform';
import { type DatabaseAccess, SYSTEM_AUTHORITIES } from '../storage';

export const HTTP_PORT = 8080;
export const HTTPS_PORT = 8443;
/** Probes and metrics; nothing of it may be reached from outside. */
export const MANAGEMENT_PORT = 9000;
/** Between the servers: caches, and who still lives. */
const CLUSTER_PORTS: readonly number[] = [7800, 57_800];
export const SOFTWARE = 'keycloak';
export const SERVER_ROLE = 'server';
/** Start of the server and of its administration, in the image. */
export const KC_SH = '/opt/keycloak/bin/kc.sh';

/** User of the image. */
export const UID = 1000;
const DATA_FOLDER = '/opt/keycloak/data';
const DATABASE_AUTHORITY_FOLDER = '/etc/keycloak-database';
const TRUST_FOLDER = '/etc/keycloak-trust';
const CERTIFICATE_FOLDER = '/etc/keycloak-tls';

export interface KeycloakServerProps {
  readonly image: ImageReference;
  readonly connections: Connections;
  readonly replicas: number;
  readonly rollOut: 'rolling' | 'recreate';
  readonly resources: ContainerResources;
  readonly database: DatabaseAccess;
  /** `https://auth.example.org` */
  readonly publicUrl: string;
  readonly administrator: { readonly username: SecretRef; readonly password: SecretRef };
  readonly reconciler: { readonly clientId: SecretRef; readonly clientSecret: SecretRef };
  /** Secret with `tls.crt` and `tls.key`. @default - plain text */
  readonly certificateSecret?: string;
  /** @default - the public authorities */
  readonly trustedAuthority?: SecretRef;
  readonly trustedProxies: readonly string[];
}

/** What any process of Keycloak needs that reaches the database: the variables, and the file of an authority. */
export function databaseReach(access: DatabaseAccess): {
  readonly env: readonly k8s.EnvVar[];
  readonly mounts: readonly k8s.VolumeMount[];
  readonly volumes: readonly k8s.Volume[];
} {
  const { certificateAuthority: ca, tlsMode } = access;
  const isVerified = tlsMode === 'verify-ca' || tlsMode === 'verify-full';
  const authorities = ca === undefined ? SYSTEM_AUTHORITIES : `${DATABASE_AUTHORITY_FOLDER}/ca.crt`;
  // The driver reads libpq's modes, and PEM: https://jdbc.postgresql.org/documentation/ssl/
  const properties = [`sslmode=${tlsMode}`, ...(isVerified ? [`sslrootcert=${authorities}`] : [])];
  return {
    env: [
      env('KC_DB', 'postgres'),
      env('KC_DB_URL_HOST', access.host),
      env('KC_DB_URL_PORT', String(access.port)),
      env('KC_DB_URL_DATABASE', access.database),
      env('KC_DB_URL_PROPERTIES', `?${properties.join('&')}`),
      env('KC_DB_USERNAME', access.user),
      envFromSecret('KC_DB_PASSWORD', access.password),
      // Keycloak's own 100 would take every connection of a server with PostgreSQL's defaults.
      env('KC_DB_POOL_MAX_SIZE', '20'),
    ],
    mounts: ca === undefined ? [] : [{ name: 'database-ca', mountPath: DATABASE_AUTHORITY_FOLDER, readOnly: true }],
    volumes: ca === undefined ? [] : [authorityFile('database-ca', ca)],
  };
}

/** Folders that Keycloak writes to: everything else is read-only. */
export const SCRATCH: { readonly mounts: readonly k8s.VolumeMount[]; readonly volumes: readonly k8s.Volume[] } = {
  mounts: [
    { name: 'tmp', mountPath: '/tmp' },
    { name: 'data', mountPath: DATA_FOLDER },
  ],
  volumes: [
    { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('512Mi') } },
    { name: 'data', emptyDir: { sizeLimit: k8s.Quantity.fromString('512Mi') } },
  ],
};

/** The servers and their Service. They keep nothing: sessions, users and keys stand in the database. */
export class KeycloakServer extends Construct {
  constructor(
    scope: Component,
    id: string,
    private readonly props: KeycloakServerProps,
  ) {
    super(scope, id);
    const { replicas, connections } = props;
    const { componentName: name, namespace } = scope;
    const labels = scope.labels(SOFTWARE, SERVER_ROLE, props.image.version);
    const metadata = { name, namespace: namespace.name, labels };
    const matchLabels = { ...connections.podLabels };
    new k8s.KubeServiceAccount(this, 'account', { metadata, automountServiceAccountToken: false });
    const deployment = new k8s.KubeDeployment(this, 'deployment', {
      metadata,
      spec: {
        replicas,
        revisionHistoryLimit: 3,
        selector: { matchLabels },
        strategy:
          props.rollOut === 'recreate'
            ? { type: 'Recreate' }
            : {
                type: 'RollingUpdate',
                rollingUpdate: {
                  maxSurge: k8s.IntOrString.fromNumber(1),
                  maxUnavailable: k8s.IntOrString.fromNumber(0),
                },
              },
        template: {
          metadata: {
            labels,
            annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(MANAGEMENT_PORT) },
          },
          spec: this.podSpec(name, matchLabels),
        },
      },
    });
    const port = props.certificateSecret === undefined ? HTTP_PORT : HTTPS_PORT;
    const service = new k8s.KubeService(this, 'service', {
      metadata,
      spec: {
        type: 'ClusterIP',
        selector: matchLabels,
        ports: [
          {
            name: props.certificateSecret === undefined ? 'http' : 'https',
            port,
            targetPort: k8s.IntOrString.fromString('web'),
            protocol: 'TCP',
          },
        ],
      },
    });
    atStep(deployment, 0);
    atStep(service, 0);
    if (replicas === 1) return;
    for (const each of CLUSTER_PORTS) connections.allowTo({ connections }, each);
    new k8s.KubePodDisruptionBudget(this, 'budget', {
      metadata,
      spec: {
        maxUnavailable: k8s.IntOrString.fromNumber(1),
        selector: { matchLabels },
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      },
    });
  }

  private podSpec(serviceAccountName: string, matchLabels: Record<string, string>): k8s.PodSpec {
    const { props } = this;
    const database = databaseReach(props.database);
    const { certificateSecret, trustedAuthority: trust } = props;
    return {
      serviceAccountName,
      automountServiceAccountToken: false,
      // A Service named kc would put variables into the environment that Keycloak reads as its own.
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 60,
      securityContext: podSecurityContext(UID),
      topologySpreadConstraints: [
        {
          topologyKey: 'kubernetes.io/hostname',
          maxSkew: 1,
          whenUnsatisfiable: 'ScheduleAnyway',
          labelSelector: { matchLabels },
        },
      ],
      containers: [this.container(database)],
      volumes: [
        ...SCRATCH.volumes,
        ...database.volumes,
        ...(certificateSecret === undefined
          ? []
          : [{ name: 'certificate', secret: { secretName: certificateSecret, defaultMode: 0o440 } }]),
        ...(trust === undefined ? [] : [authorityFile('trust', trust)]),
      ],
    };
  }

  private container(database: ReturnType<typeof databaseReach>): k8s.Container {
    const { props } = this;
    const isTls = props.certificateSecret !== undefined;
    const probe = (path: string) => ({
      httpGet: { path, port: k8s.IntOrString.fromString('management'), scheme: isTls ? 'HTTPS' : 'HTTP' },
    });
    return {
      name: SERVER_ROLE,
      image: props.image.reference,
      imagePullPolicy: 'IfNotPresent',
      command: [KC_SH, 'start', '--optimized'],
      env: [...this.environment(), ...database.env],
      ports: [
        { name: 'web', containerPort: isTls ? HTTPS_PORT : HTTP_PORT },
        { name: 'management', containerPort: MANAGEMENT_PORT },
      ],
      // The first start makes the schema, an upgrade changes it: on a slow database that takes minutes.
      startupProbe: { ...probe('/health/started'), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 180 },
      // It also says whether the database answers: without it nobody can be logged in, and a restart would not help.
      readinessProbe: { ...probe('/health/ready'), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
      livenessProbe: { ...probe('/health/live'), periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 6 },
      // Until every proxy has forgotten the Pod, it goes on answering.
      lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } },
      securityContext: containerSecurityContext(),
      resources: resourceRequirements(props.resources),
      volumeMounts: [
        ...SCRATCH.mounts,
        ...database.mounts,
        ...(isTls ? [{ name: 'certificate', mountPath: CERTIFICATE_FOLDER, readOnly: true }] : []),
        ...(props.trustedAuthority === undefined ? [] : [{ name: 'trust', mountPath: TRUST_FOLDER, readOnly: true }]),
      ],
    };
  }

  private environment(): k8s.EnvVar[] {
    const { props } = this;
    const isTls = props.certificateSecret !== undefined;
    return [
      env('HOME', '/tmp'),
      // The heap, and beside it classes, threads and TLS, within the container's memory; Keycloak's own 70 per cent leave too little.
      env('JAVA_OPTS_KC_HEAP', '-XX:MaxRAMPercentage=60 -XX:InitialRAMPercentage=20'),
      env('KC_HOSTNAME', props.publicUrl),
      // Pods of the platform fetch keys by the Service's name, which proxies never see; what tokens say stays the public address.
      env('KC_HOSTNAME_BACKCHANNEL_DYNAMIC', 'true'),
      env('KC_PROXY_HEADERS', 'xforwarded'),
      ...(props.trustedProxies.length === 0 ? [] : [env('KC_PROXY_TRUSTED_ADDRESSES', props.trustedProxies.join(','))]),
      env('KC_HTTP_MANAGEMENT_PORT', String(MANAGEMENT_PORT)),
      ...(isTls
        ? [
            env('KC_HTTP_ENABLED', 'false'),
            env('KC_HTTPS_PORT', String(HTTPS_PORT)),
            env('KC_HTTPS_CERTIFICATE_FILE', `${CERTIFICATE_FOLDER}/tls.crt`),
            env('KC_HTTPS_CERTIFICATE_KEY_FILE', `${CERTIFICATE_FOLDER}/tls.key`),
          ]
        : [env('KC_HTTP_ENABLED', 'true'), env('KC_HTTP_PORT', String(HTTP_PORT))]),
      ...(props.trustedAuthority === undefined ? [] : [env('KC_TRUSTSTORE_PATHS', `${TRUST_FOLDER}/ca.crt`)]),
      ...(props.replicas === 1
        ? [env('KC_CACHE', 'local')]
        : [
            env('KC_CACHE', 'ispn'),
            // They find each other through the database, and encrypt what they say with keys that they keep there.
            env('KC_CACHE_STACK', 'jdbc-ping'),
            {
              name: 'KC_CACHE_EMBEDDED_NETWORK_BIND_ADDRESS',
              valueFrom: { fieldRef: { fieldPath: 'status.podIP' } },
            },
          ]),
      envFromSecret('KC_BOOTSTRAP_ADMIN_USERNAME', props.administrator.username),
      envFromSecret('KC_BOOTSTRAP_ADMIN_PASSWORD', props.administrator.password),
      envFromSecret('KC_BOOTSTRAP_ADMIN_CLIENT_ID', props.reconciler.clientId),
      envFromSecret('KC_BOOTSTRAP_ADMIN_CLIENT_SECRET', props.reconciler.clientSecret),
    ];
  }
}
