import {
  containerSecurityContext,
  type IConfidentialClient,
  k8s,
  podSecurityContext,
  resourceRequirements,
  type SecretRef,
} from '../platform';
import type { BucketAccess, DatabaseAccess } from '../storage';
import { EXECUTOR_RESOURCES } from './argo-roles';

/** Port of the controller's counters. */
export const METRICS_PORT = 9090;
/** User that steps run as unless they say otherwise. */
const STEP_UID = 1000;
const DAY = 24 * 3600;

/** The configuration of one installation, resolved. */
export interface ArgoConfiguration {
  readonly parallelism: number;
  readonly hasMetrics: boolean;
  readonly executorName: string;
  /** @default - no workflow is declared, or nothing is kept */
  readonly artifacts?: { readonly access: BucketAccess; readonly prefix: string; readonly archiveLogs: boolean };
  /** @default - no database */
  readonly archive?: {
    readonly access: DatabaseAccess;
    readonly username: SecretRef;
    readonly keepDays: number;
    /** Tells installations apart that share a database. */
    readonly clusterName: string;
  };
  /** @default - nobody logs in */
  readonly sso?: ArgoSsoConfiguration;
}

/** How people log in. */
export interface ArgoSsoConfiguration {
  /** Where the discovery document is, without its own path. */
  readonly issuer: string;
  /** What tokens say that their issuer is. */
  readonly issuerAlias: string;
  readonly client: Pick<IConfidentialClient, 'clientIdRef' | 'clientSecretRef'>;
  /** `https://workflows.example.org/oauth2/callback` */
  readonly redirectUrl: string;
  readonly groupsClaim: string;
  readonly sessionSeconds: number;
}

/** The keys of the ConfigMap, as `config/config.go` of Argo reads them; what is not plain text is YAML in its form of JSON. */
export function configurationData(configuration: ArgoConfiguration): Record<string, string> {
  const { parallelism, hasMetrics, executorName, artifacts, archive, sso } = configuration;
  const values: Readonly<Record<string, unknown>> = {
    nodeEvents: { enabled: false },
    workflowEvents: { enabled: true },
    metricsConfig: hasMetrics
      ? { enabled: true, port: METRICS_PORT, path: '/metrics', secure: false }
      : { enabled: false },
    telemetryConfig: { enabled: false },
    executor: {
      imagePullPolicy: 'IfNotPresent',
      resources: k8s.toJson_ResourceRequirements(resourceRequirements(EXECUTOR_RESOURCES)),
      securityContext: containerSecurityContext(),
    },
    mainContainer: { imagePullPolicy: 'IfNotPresent', securityContext: containerSecurityContext() },
    workflowDefaults: workflowDefaults(executorName),
    ...(artifacts === undefined ? {} : { artifactRepository: artifactRepository(artifacts) }),
    ...(archive === undefined ? {} : { persistence: persistence(archive) }),
    ...(sso === undefined ? {} : { sso: ssoConfiguration(sso) }),
  };
  return {
    parallelism: String(parallelism),
    ...Object.fromEntries(Object.entries(values).map(([key, value]) => [key, `${JSON.stringify(value)}\n`])),
  };
}

/** What a workflow is that does not say otherwise: not root, without a token for its steps, ended after a day, gone a week later. */
function workflowDefaults(executorName: string): object {
  return {
    spec: {
      serviceAccountName: executorName,
      automountServiceAccountToken: false,
      executor: { serviceAccountName: executorName },
      securityContext: podSecurityContext(STEP_UID),
      activeDeadlineSeconds: DAY,
      ttlStrategy: { secondsAfterSuccess: DAY, secondsAfterFailure: 7 * DAY },
      podGC: { strategy: 'OnPodSuccess', deleteDelayDuration: '600s' },
      parallelism: 10,
    },
  };
}

function artifactRepository({ access, prefix, archiveLogs }: NonNullable<ArgoConfiguration['artifacts']>): object {
  const { endpoint, bucket, accessKeyId, secretAccessKey } = access;
  const { certificateAuthority: authority } = endpoint;
  const folder = prefix === '' ? '' : `${prefix}/`;
  return {
    archiveLogs,
    s3: {
      endpoint: `${endpoint.host}:${endpoint.port}`,
      bucket,
      region: endpoint.region,
      insecure: !endpoint.tls,
      keyFormat: `${folder}{{workflow.name}}/{{pod.name}}`,
      accessKeySecret: { name: accessKeyId.name, key: accessKeyId.key },
      secretKeySecret: { name: secretAccessKey.name, key: secretAccessKey.key },
      ...(authority === undefined ? {} : { caSecret: { name: authority.name, key: authority.key } }),
    },
  };
}

function persistence({ access, username, keepDays, clusterName }: NonNullable<ArgoConfiguration['archive']>): object {
  return {
    archive: true,
    archiveTTL: `${keepDays}d`,
    nodeStatusOffLoad: true,
    clusterName,
    connectionPool: { maxIdleConns: 2, maxOpenConns: 10, connMaxLifetime: '300s' },
    postgresql: {
      host: access.host,
      port: access.port,
      database: access.database,
      tableName: 'argo_workflows',
      userNameSecret: { name: username.name, key: username.key },
      passwordSecret: { name: access.password.name, key: access.password.key },
      ssl: access.tlsMode !== 'disable',
      ...(access.tlsMode === 'disable' ? {} : { sslMode: access.tlsMode }),
    },
  };
}

function ssoConfiguration(sso: ArgoSsoConfiguration): object {
  const { issuer, issuerAlias, client } = sso;
  const keyOf = ({ name, key }: SecretRef) => ({ name, key });
  return {
    issuer,
    ...(issuer === issuerAlias ? {} : { issuerAlias }),
    clientId: keyOf(client.clientIdRef),
    clientSecret: keyOf(client.clientSecretRef),
    redirectUrl: sso.redirectUrl,
    scopes: ['profile', 'email'],
    rbac: { enabled: true },
    customGroupClaimName: sso.groupsClaim,
    sessionExpiry: `${sso.sessionSeconds}s`,
  };
}
