import {
  Component,
  Connections,
  type ContainerResources,
  containerSecurityContext,
  env,
  type ImageReference,
  k8s,
  Layer,
  podSecurityContext,
  resourceRequirements,
  secretFile,
  type SecretRef,
} from '../platform';
import { SYSTEM_AUTHORITIES } from './libpq';
import type { SuperuserAccess } from './postgres-job';
import { SUPERUSER } from './postgres-server-files';

/** The role that reads what the server tells of itself. */
export const METRICS_ROLE = 'metrics_reader';

/** Port of the exporter, as the list of Prometheus's exporters has it. */
export const METRICS_PORT = 9187;

const ROLE = 'exporter';

/** User `nobody` of the image. */
const UID = 65_534;
const PASSWORD = '/run/secrets/metrics';
const SERVER_CA = '/etc/bouture-postgres-ca';

/**
 * Seconds after which a server that does not answer is given up. The exporter waits one more before it says so, and Prometheus gives the
 * exporter up after five where it reads that often.
 */
const CONNECT_SECONDS = 3;

/**
 * What of the exporter is asked, by its collectors (README of postgres_exporter 0.17.1): connections, transactions, cache and deadlocks by
 * database, their sizes, the age of their oldest transaction ids, and the oldest transaction that is open. Of the settings, `max_connections`.
 */
const READ = ['database', 'database_wraparound', 'long_running_transactions', 'stat_database'];

/**
 * What it would read besides. Numbers for each table and index grow with what users make, and tell of one database alone; there is no
 * second server that replicates; the others, no alert and no page asks for.
 */
const UNREAD = [
  ...['locks', 'replication', 'replication_slot', 'roles', 'stat_bgwriter', 'stat_user_tables'],
  ...['statio_user_tables', 'wal'],
];

const PILOT: ContainerResources = {
  cpu: { request: '10m', limit: '200m' },
  memory: { request: '32Mi', limit: '128Mi' },
};
const PRODUCTION: ContainerResources = {
  cpu: { request: '50m', limit: '500m' },
  memory: { request: '64Mi', limit: '256Mi' },
};

export interface PostgresExporterProps {
  readonly image: ImageReference;
  /** How it reaches the server; whose password that is, does not matter. */
  readonly server: Omit<SuperuserAccess, 'password'>;
  /** Of {@link METRICS_ROLE}, in the server's namespace. */
  readonly password: SecretRef;
}

/**
 * The Pod that asks a server how it is, and answers Prometheus: a Deployment of its own beside the server. A Pod is ready while all of its
 * containers are, so that one in the server's Pod that dies, or whose image cannot be had, would take the server from its clients; here nothing
 * that becomes of it reaches the server, and neither a rotated password nor the wish to be watched starts the server anew. It stands in the
 * last layer, where nothing waits for it.
 *
 * It is ready and alive as long as it answers, whether the server does or not: that, its numbers tell.
 */
export class PostgresExporter extends Component {
  readonly connections: Connections;

  /** @param component the server, whose labels and namespace it has */
  constructor(
    component: Component,
    private readonly props: PostgresExporterProps,
  ) {
    super(component, `${component.componentName}-${ROLE}`, Layer.WORKLOADS, { namespace: component.namespace });
    const { componentName: name, namespace } = this;
    this.connections = new Connections(this, 'connections', {
      namespace,
      name,
      podLabels: component.selector('postgresql', ROLE),
    });
    const labels = component.labels('postgresql', ROLE, props.image.version);
    new k8s.KubeDeployment(this, 'deployment', {
      metadata: { name, namespace: namespace.name, labels },
      spec: {
        replicas: 1,
        revisionHistoryLimit: 3,
        selector: { matchLabels: { ...this.connections.podLabels } },
        template: { metadata: { labels }, spec: this.podSpec() },
      },
    });
  }

  private podSpec(): k8s.PodSpec {
    const { password } = this.props;
    const { certificateAuthority: ca } = this.props.server;
    return {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: podSecurityContext(UID),
      containers: [this.container()],
      volumes: [
        secretFile('password', password, 'password'),
        ...(ca === undefined ? [] : [secretFile('server-ca', ca, 'ca.crt')]),
      ],
    };
  }

  private container(): k8s.Container {
    const { image } = this.props;
    const { isProduction } = this.platform;
    const probe = {
      // The page beside the metrics: those would ask the server each time.
      httpGet: { path: '/', port: k8s.IntOrString.fromString('metrics') },
      timeoutSeconds: 5,
    };
    return {
      name: ROLE,
      image: image.reference,
      imagePullPolicy: 'IfNotPresent',
      command: [
        'postgres_exporter',
        `--web.listen-address=:${METRICS_PORT}`,
        // They have labels that any client chooses, such as the name of its application, and would make a series of each.
        '--disable-default-metrics',
        ...READ.map((name) => `--collector.${name}`),
        ...UNREAD.map((name) => `--no-collector.${name}`),
        '--log.format=json',
      ],
      env: [
        env('DATA_SOURCE_URI', this.uri()),
        env('DATA_SOURCE_USER', METRICS_ROLE),
        env('DATA_SOURCE_PASS_FILE', `${PASSWORD}/password`),
      ],
      ports: [{ name: 'metrics', containerPort: METRICS_PORT }],
      securityContext: containerSecurityContext(),
      resources: resourceRequirements(isProduction ? PRODUCTION : PILOT),
      readinessProbe: { ...probe, periodSeconds: 10 },
      livenessProbe: { ...probe, periodSeconds: 20, failureThreshold: 6 },
      volumeMounts: [
        { name: 'password', mountPath: PASSWORD, readOnly: true },
        ...(this.props.server.certificateAuthority === undefined
          ? []
          : [{ name: 'server-ca', mountPath: SERVER_CA, readOnly: true }]),
      ],
    };
  }

  /** Where the server is and how it is to be believed, without a scheme and a user, which the exporter puts before it. */
  private uri(): string {
    const { host, port, tlsMode, certificateAuthority: ca } = this.props.server;
    const options = {
      sslmode: tlsMode,
      ...(tlsMode === 'disable' ? {} : { sslrootcert: ca === undefined ? SYSTEM_AUTHORITIES : `${SERVER_CA}/ca.crt` }),
      connect_timeout: String(CONNECT_SECONDS),
    };
    const query = Object.entries(options).map(([name, value]) => `${name}=${value}`);
    return `${host}:${port}/${SUPERUSER}?${query.join('&')}`;
  }
}
