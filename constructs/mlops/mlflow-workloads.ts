import { type ContainerResources, env, envFromSecret, k8s, type SecretRef } from '../platform';
import { ADMINISTRATOR, MANAGED_PREFIXES } from './mlflow-accounts';
import {
  type ConfigurationFile,
  configurationFile,
  databaseUri,
  type MlflowContainer,
  type MlflowPod,
} from './mlflow-pods';
import {
  ACCOUNTS_PY,
  METRICS_PY,
  MIGRATE_PY,
  PROXIED_ARTIFACTS_ENTRY_POINTS,
  PROXIED_ARTIFACTS_PY,
} from './mlflow-scripts';

/** The port that `mlflow server` listens on by default, and that every client expects. */
export const PORT = 5000;
/** The port that the counters are read from. */
export const METRICS_PORT = 9090;

const ACCOUNTS = '/run/mlflow-accounts';
const COUNTERS = '/run/mlflow-metrics';
/** Folder of the files that Python finds by PYTHONPATH. */
const PLUGINS = 'plugins';
/** How long a migration waits for the database, in seconds; the rest of its ten minutes is for the migration. */
const DATABASE_WAIT_SECONDS = 300;

/** One process of MLflow takes 260 MB when idle (version 3.17.2, measured); models and tables come on top. */
const PROCESS_MEMORY = { request: 256, limit: 512 };
const SMALL: ContainerResources = {
  cpu: { request: '10m', limit: '200m' },
  memory: { request: '48Mi', limit: '128Mi' },
};

/** The configuration of one MLflow server, resolved. */
export interface MlflowSettings {
  /** Name of the tracking database. */
  readonly database: string;
  /** Where artifacts stand: `s3://mlflow/artifacts`. */
  readonly artifactsUri: string;
  readonly transfer: 'proxied' | 'direct';
  /** Basic authentication, with the name of the database of users. @default - anybody may do anything */
  readonly authentication?: {
    readonly database: string;
    readonly defaultPermission: string;
    /** Secret with a password under each user's name. */
    readonly accountsSecret: string;
    /** Signs the tokens of the form that makes users. */
    readonly signingKey: SecretRef;
    readonly administrator: SecretRef;
  };
  /** Encrypts the API keys of language models that MLflow stores. */
  readonly gatewayKey: SecretRef;
  /** 43 letters and digits: with `=` added, the Fernet key that encrypts the secrets of webhooks. @default - no webhooks */
  readonly webhookKey?: SecretRef;
  readonly workers: number;
  readonly resources: ContainerResources;
  /** Begins with a slash, ends with none. @default - none */
  readonly staticPrefix?: string;
  readonly hasMetrics: boolean;
  readonly frameOptions: string;
  /** Address of the server inside the cluster. */
  readonly trackingUri: string;
}

/** What the server's container takes unless the office says otherwise: the parent is a process, too. */
export function defaultResources(workers: number): ContainerResources {
  const memory = (each: number) => `${each * (workers + 1)}Mi`;
  return {
    cpu: { request: '250m', limit: '2' },
    memory: { request: memory(PROCESS_MEMORY.request), limit: memory(PROCESS_MEMORY.limit) },
    ephemeralStorage: { request: '256Mi', limit: '10Gi' },
  };
}

/** The files that every container sees: no secret is among them. */
export function configurationFiles(settings: MlflowSettings): readonly ConfigurationFile[] {
  const { authentication, hasMetrics, transfer } = settings;
  const whole = (name: string, text: string) => ({ key: name, path: name, text });
  return [
    whole('migrate.py', MIGRATE_PY),
    ...(hasMetrics ? [whole('metrics.py', METRICS_PY)] : []),
    ...(authentication === undefined
      ? []
      : [whole('accounts.py', ACCOUNTS_PY), whole('basic_auth.ini', authenticationIni(authentication))]),
    ...(transfer === 'direct'
      ? []
      : [
          { key: 'proxied_artifacts.py', path: `${PLUGINS}/proxied_artifacts.py`, text: PROXIED_ARTIFACTS_PY },
          {
            key: 'entry_points.txt',
            path: `${PLUGINS}/proxied_artifacts-1.dist-info/entry_points.txt`,
            text: PROXIED_ARTIFACTS_ENTRY_POINTS,
          },
          {
            key: 'METADATA',
            path: `${PLUGINS}/proxied_artifacts-1.dist-info/METADATA`,
            text: 'Metadata-Version: 2.1\nName: proxied-artifacts\nVersion: 1\n',
          },
        ]),
  ];
}

function authenticationIni({ defaultPermission, database }: NonNullable<MlflowSettings['authentication']>): string {
  return `[mlflow]
default_permission = ${defaultPermission}
database_uri = ${databaseUri(database)}
admin_username = ${ADMINISTRATOR}
`;
}

/** The Pod that answers requests. @param hosts comma-separated `Host` headers; @param origins comma-separated origins */
export function serverPod(settings: MlflowSettings, hosts: string, origins: string): MlflowPod {
  const { authentication, hasMetrics } = settings;
  return {
    init: authentication === undefined ? [] : [accountsContainer(settings.resources)],
    containers: [serverContainer(settings, hosts, origins), ...(hasMetrics ? [metricsContainer()] : [])],
    volumes: [
      ...(authentication === undefined
        ? []
        : [{ name: 'accounts', secret: { secretName: authentication.accountsSecret } }]),
      ...(hasMetrics ? [{ name: 'counters', emptyDir: { sizeLimit: k8s.Quantity.fromString('256Mi') } }] : []),
    ],
    spec: { terminationGracePeriodSeconds: 60 },
  };
}

function serverContainer(settings: MlflowSettings, hosts: string, origins: string): MlflowContainer {
  const { authentication, webhookKey, staticPrefix } = settings;
  const httpGet = { path: `${staticPrefix ?? ''}/health`, port: k8s.IntOrString.fromString('http') };
  return {
    name: 'server',
    command: [
      ...['mlflow', 'server', '--host', '0.0.0.0', '--port', String(PORT), '--workers', String(settings.workers)],
      ...['--backend-store-uri', databaseUri(settings.database)],
      ...(settings.transfer === 'proxied'
        ? ['--serve-artifacts', '--artifacts-destination', settings.artifactsUri]
        : ['--no-serve-artifacts', '--default-artifact-root', settings.artifactsUri]),
      ...['--allowed-hosts', hosts, '--cors-allowed-origins', origins, '--x-frame-options', settings.frameOptions],
      ...(authentication === undefined ? [] : ['--app-name', 'basic-auth']),
      ...(settings.hasMetrics ? ['--expose-prometheus', COUNTERS] : []),
      ...(staticPrefix === undefined ? [] : ['--static-prefix', staticPrefix]),
    ],
    resources: settings.resources,
    reaches: ['database', 'bucket'],
    env: [
      // Optional features that keep work in local files, which replicas do not share, at 260 MB a process.
      env('MLFLOW_SERVER_ENABLE_JOB_EXECUTION', 'false'),
      envFromSecret('MLFLOW_CRYPTO_KEK_PASSPHRASE', settings.gatewayKey),
      ...(settings.transfer === 'direct' ? [] : [env('PYTHONPATH', configurationFile(PLUGINS))]),
      ...(authentication === undefined
        ? []
        : [...authenticationFile(), envFromSecret('MLFLOW_FLASK_SERVER_SECRET_KEY', authentication.signingKey)]),
      ...(webhookKey === undefined
        ? []
        : [
            envFromSecret('WEBHOOK_KEY', webhookKey),
            // A Fernet key is 32 bytes in base64: 43 characters and one `=`. The kubelet fills in $(...).
            env('MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY', '$(WEBHOOK_KEY)='),
          ]),
    ],
    mounts: settings.hasMetrics ? [{ name: 'counters', mountPath: COUNTERS }] : [],
    serving: {
      ports: [{ name: 'http', containerPort: PORT }],
      // Importing MLflow in the parent and then in each worker takes half a minute on a slow machine.
      startupProbe: { httpGet, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 60 },
      readinessProbe: { httpGet, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
      livenessProbe: { httpGet, periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 6 },
      // Until every proxy has forgotten the Pod, it goes on answering.
      lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } },
    },
  };
}

/**
 * Brings MLflow's users in line with the platform's Secret at each start: MLflow itself takes the administrator's password only
 * when it creates that user, so a rotated one would never take effect.
 */
function accountsContainer(resources: ContainerResources): MlflowContainer {
  return {
    name: 'accounts',
    command: ['python', configurationFile('accounts.py'), ACCOUNTS, ADMINISTRATOR, ...MANAGED_PREFIXES],
    resources,
    reaches: ['database'],
    env: authenticationFile(),
    mounts: [{ name: 'accounts', mountPath: ACCOUNTS, readOnly: true }],
  };
}

/** A port of its own for the counters: on the server's port, only an administrator may read them. */
function metricsContainer(): MlflowContainer {
  const httpGet = { path: '/metrics', port: k8s.IntOrString.fromString('metrics') };
  return {
    name: 'metrics',
    command: ['python', configurationFile('metrics.py'), COUNTERS, String(METRICS_PORT)],
    resources: SMALL,
    mounts: [{ name: 'counters', mountPath: COUNTERS }],
    serving: {
      ports: [{ name: 'metrics', containerPort: METRICS_PORT }],
      readinessProbe: { httpGet, periodSeconds: 10, timeoutSeconds: 5 },
      livenessProbe: { httpGet, periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 3 },
    },
  };
}

/** The Pod that makes or upgrades the schemas. */
export function migrationPod(settings: MlflowSettings): MlflowPod {
  const { authentication } = settings;
  return {
    containers: [
      {
        name: 'migrate',
        command: [
          ...['python', configurationFile('migrate.py'), settings.database],
          ...(authentication === undefined ? [] : [authentication.database]),
        ],
        resources: {
          cpu: { request: '100m', limit: '1' },
          memory: { request: '320Mi', limit: '1Gi' },
        },
        reaches: ['database'],
        env: [
          env('DATABASE_WAIT_SECONDS', String(DATABASE_WAIT_SECONDS)),
          ...(authentication === undefined ? [] : authenticationFile()),
        ],
      },
    ],
    spec: { restartPolicy: 'Never' },
  };
}

/** The Pod that deletes for good what users deleted. Proxied artifacts it deletes through the server, as the administrator. */
export function garbageCollectionPod(settings: MlflowSettings, olderThanDays: number): MlflowPod {
  const { authentication, transfer } = settings;
  return {
    containers: [
      {
        name: 'collect',
        command: [
          ...[
            'mlflow',
            'gc',
            '--older-than',
            `${olderThanDays}d`,
            '--backend-store-uri',
            databaseUri(settings.database),
          ],
          ...(transfer === 'proxied' ? ['--artifacts-destination', settings.artifactsUri] : []),
        ],
        resources: {
          cpu: { request: '100m', limit: '1' },
          memory: { request: '320Mi', limit: '1Gi' },
        },
        reaches: transfer === 'proxied' ? ['database'] : ['database', 'bucket'],
        env: [
          env('MLFLOW_TRACKING_URI', settings.trackingUri),
          // One request deletes all artifacts of a run.
          env('MLFLOW_HTTP_REQUEST_TIMEOUT', '900'),
          ...(authentication === undefined
            ? []
            : [
                env('MLFLOW_TRACKING_USERNAME', ADMINISTRATOR),
                envFromSecret('MLFLOW_TRACKING_PASSWORD', authentication.administrator),
              ]),
        ],
      },
    ],
    spec: { restartPolicy: 'Never' },
  };
}

function authenticationFile(): k8s.EnvVar[] {
  return [env('MLFLOW_AUTH_CONFIG_PATH', configurationFile('basic_auth.ini'))];
}
