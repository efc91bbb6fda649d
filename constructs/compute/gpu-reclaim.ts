import type { Construct } from 'constructs';
import {
  Component,
  type ComponentProps,
  Connections,
  containerSecurityContext,
  contentHash,
  cronSchedule,
  env,
  type ExternalHosts,
  k8s,
  Layer,
  podSecurityContext,
  resourceRequirements,
  scheduledJob,
  type ServerPlace,
  type SpaceNames,
} from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { ENGINE_ACTIVITY, GPU_UTILISATION } from './dcgm-exporter';
import type { GpuNodes } from './gpu-nodes';
import { RECLAIM_FILES, RECLAIM_SOURCES } from './gpu-reclaim-script';

const ROLE = 'reclaim';
const SOFTWARE = 'toolbox';
const SPEC_FOLDER = '/etc/reclaim';
const STATE_FOLDER = '/tmp';
/** User of the image. */
const UID = 65532;
/** One round reads all Pods and asks twice; it never takes this long. */
const DEADLINE_SECONDS = 600;
const WHY_TOKEN = 'It reads Pods, pauses services and writes events through the API server.';

/** Cards that do nothing, as a Prometheus knows them. */
export interface GpuIdleness {
  /** A card did nothing for as long, all the time. */
  readonly hours: number;
  /** Address of the Prometheus that reads the DCGM exporters: `http://prometheus.monitoring.svc:9090`. */
  readonly prometheusUrl: string;
  /** Where it is, for the network policy. @default - outside: every IPv4 address but the cloud's metadata service */
  readonly place?: ServerPlace;
}

export interface GpuReclaimProps extends Pick<ComponentProps, 'namespace'> {
  /** Whose resources are taken back. */
  readonly nodes: GpuNodes;
  /** In whose spaces. */
  readonly names: SpaceNames;
  /** Services whose cards do nothing are paused. @default - nobody asks what cards do */
  readonly idle?: GpuIdleness;
  /** Services that hold cards for as long are paused, whatever they do. @default - no bound */
  readonly maximumHours?: number;
  /** Minutes before that in which an event warns of it. @default 60 */
  readonly warnMinutes?: number;
  /** Idle Pods that no StatefulSet and no Deployment keeps, such as those of Jobs and workflows. @default 'keep' */
  readonly others?: 'keep' | 'delete';
  /** When it looks, in UTC, as five fields of cron. @default - every quarter of an hour */
  readonly schedule?: string;
  /** Where the API server is. @default - every address, ports 443 and 6443 */
  readonly apiServer?: ExternalHosts & { readonly ports?: readonly number[] };
}

/**
 * Takes GPUs back from services that hold them for nothing: a CronJob that sets the replicas of a StatefulSet or Deployment to zero, as the
 * pause of Onyxia does, so that volumes stay. People are warned by events of their space first. A namespace with the annotation
 * `bouture.dev/gpu-reclaim: never` is left alone; only administrators may set it.
 *
 * Its account reads Pods and namespaces, writes events, and may scale: an admission policy (`TenantPolicies.reclaimers`) lets it do that in
 * spaces of people alone, and to zero alone. Without that policy its rights reach further.
 *
 * Onyxia learns nothing of it: its page shows the service as running without a Pod until somebody pauses and resumes it. To tell Onyxia, the
 * Job would have to be able to run `helm upgrade` for everybody, with all that charts may hold.
 *
 * Image: key `toolbox`.
 *
 * @throws Error when neither bound is given, or an address is none
 * @throws RangeError when a time is out of its range
 *
 * @example
 * import { GpuNodes, GpuReclaim, SpaceNames } from 'bouture';
 * const nodes = new GpuNodes(platform, 'gpu');
 * new GpuReclaim(platform, 'gpu-reclaim', { nodes, names: new SpaceNames(), maximumHours: 72 });
 */
export class GpuReclaim extends Component {
  /** Its account, for the policy that keeps it inside spaces. */
  readonly account: k8s.KubeServiceAccount;

  constructor(scope: Construct, id: string, props: GpuReclaimProps) {
    super(scope, id, Layer.PLATFORM, props);
    const settings = settingsOf(props);
    const { idle } = props;
    const image = this.platform.images.get(SOFTWARE);
    const name = `${this.componentName}-${ROLE}`;
    const namespace = this.namespace.name;
    const labels = this.labels(SOFTWARE, ROLE, image.version);
    this.account = new k8s.KubeServiceAccount(this, 'account', {
      metadata: { name, namespace, labels },
      automountServiceAccountToken: false,
    });
    this.grant(`${this.platform.name}-${name}`, labels, settings.others === 'delete');
    const connections = new Connections(this, 'connections', {
      namespace: this.namespace,
      name,
      podLabels: this.selector(SOFTWARE, ROLE),
    });
    const { cidrs, ports = [443, 6443] } = props.apiServer ?? {};
    for (const port of ports) connections.allowToExternal(cidrs === undefined ? {} : { cidrs }, port);
    const prometheus = idle === undefined ? undefined : addressOf(idle.prometheusUrl);
    if (prometheus !== undefined) connections.allowToServer(idle?.place ?? {}, prometheus.port);
    const files = new k8s.KubeConfigMap(this, 'files', {
      metadata: { name: `${name}-${contentHash(RECLAIM_SOURCES)}`, namespace, labels },
      immutable: true,
      data: { ...RECLAIM_SOURCES },
    });
    const minutes = settings.idle;
    scheduledJob(this, this, {
      role: ROLE,
      labels,
      annotations: { 'bouture.dev/suppress.no-account-token': WHY_TOKEN },
      schedule: cronSchedule(`schedule of "${id}"`, props.schedule ?? '*/15 * * * *'),
      backoffLimit: 0,
      deadlineSeconds: DEADLINE_SECONDS,
      pod: {
        restartPolicy: 'Never',
        serviceAccountName: this.account.name,
        automountServiceAccountToken: true,
        enableServiceLinks: false,
        securityContext: podSecurityContext(UID),
        containers: [
          {
            name: ROLE,
            image: image.reference,
            imagePullPolicy: 'IfNotPresent',
            command: ['bash', `${SPEC_FOLDER}/${RECLAIM_FILES.script}`],
            env: [
              env('SPEC', SPEC_FOLDER),
              env('STATE', STATE_FOLDER),
              env('HOME', STATE_FOLDER),
              env('SETTINGS', JSON.stringify(settings)),
              env('PROMETHEUS', prometheus?.url ?? ''),
              env('IDLE_QUERY', idleQuery(minutes)),
              env('NEARLY_QUERY', idleQuery(minutes - settings.warn)),
            ],
            securityContext: containerSecurityContext(),
            resources: resourceRequirements({
              cpu: { request: '20m', limit: '1' },
              memory: { request: '64Mi', limit: '512Mi' },
            }),
            volumeMounts: [
              { name: 'files', mountPath: SPEC_FOLDER, readOnly: true },
              { name: 'state', mountPath: STATE_FOLDER },
            ],
          },
        ],
        volumes: [
          { name: 'files', configMap: { name: files.name } },
          { name: 'state', emptyDir: { sizeLimit: k8s.Quantity.fromString('256Mi') } },
        ],
      },
    });
  }

  private grant(name: string, labels: Record<string, string>, deletes: boolean): void {
    const role = new k8s.KubeClusterRole(this, 'role', {
      metadata: { name, labels },
      rules: [
        { apiGroups: [''], resources: ['pods', 'namespaces'], verbs: ['get', 'list'] },
        { apiGroups: [''], resources: ['events'], verbs: ['create'] },
        {
          apiGroups: ['apps'],
          resources: ['statefulsets/scale', 'deployments/scale'],
          verbs: ['get', 'patch'],
        },
        ...(deletes ? [{ apiGroups: [''], resources: ['pods'], verbs: ['delete'] }] : []),
      ],
    });
    new k8s.KubeClusterRoleBinding(this, 'binding', {
      metadata: { name, labels },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role.name },
      subjects: [{ kind: 'ServiceAccount', name: this.account.name, namespace: this.namespace.name }],
    });
  }
}

/** What the script is told, in minutes. */
function settingsOf({ nodes, names, idle, maximumHours, warnMinutes = 60, others = 'keep' }: GpuReclaimProps) {
  if (idle === undefined && maximumHours === undefined) {
    throw new Error('GPUs are taken back after a time: give idle, maximumHours, or both');
  }
  const minutes = (what: string, hours: number | undefined): number => {
    if (hours === undefined) return 0;
    const given = Math.round(hours * 60);
    if (!(given > warnMinutes) || hours > 24 * 365) {
      throw new RangeError(
        `${what} are more than the ${warnMinutes} minutes of the warning and at most a year, given ${hours} hours`,
      );
    }
    return given;
  };
  wholeNumber('warnMinutes', warnMinutes, 15, 24 * 60);
  return {
    resources: nodes.resources,
    prefixes: [names.userPrefix, names.projectPrefix],
    idle: minutes('idle hours', idle?.hours),
    maximum: minutes('maximumHours', maximumHours),
    warn: warnMinutes,
    others,
  };
}

function addressOf(url: string): { readonly url: string; readonly port: number } {
  if (!URL.canParse(url))
    throw new Error(`Prometheus at "${url}": expected an address such as http://prometheus.monitoring.svc:9090`);
  const { protocol, port, username, password } = new URL(url);
  if (!['http:', 'https:'].includes(protocol) || username !== '' || password !== '') {
    throw new Error(`Prometheus at "${url}": expected http:// or https://, without a user name and a password`);
  }
  return { url: url.replace(/\/+$/, ''), port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
}

/** Labels by which a Prometheus tells whose Pod has a card; the second pair where it keeps the first for the exporter's own. */
const BY = 'namespace, pod, exported_namespace, exported_pod';

/**
 * Pods whose cards did nothing for so many minutes. A card counts that was watched at the beginning of that time already: a Prometheus
 * that has just been started takes nobody for idle. Parts of cards have no figure in per cent, so the ratio of their engines counts for them.
 */
function idleQuery(minutes: number): string {
  if (minutes <= 0) return '';
  const quiet = (metric: string): string =>
    `(max by (${BY}) (max_over_time(${metric}{pod!=""}[${minutes}m])) == 0 ` +
    `and max by (${BY}) (${metric}{pod!=""} offset ${minutes}m))`;
  // Where both are told, a card is idle by the one that is finer.
  return `${quiet(ENGINE_ACTIVITY)} or (${quiet(GPU_UTILISATION)} unless max by (${BY}) (${ENGINE_ACTIVITY}{pod!=""}))`;
}
