import { Construct } from 'constructs';
import { LoginProxy, type LoginProps } from '../delivery';
import {
  atStep,
  type Component,
  Connections,
  type ContainerResources,
  containerSecurityContext,
  contentHash,
  env,
  envFromSecret,
  type ExposedHost,
  GeneratedValue,
  type HttpService,
  type IExposure,
  type ImageReference,
  k8s,
  PlatformSecret,
  podSecurityContext,
  resourceRequirements,
} from '../platform';
import {
  ALIVE,
  BUILD_MINUTES,
  FILES,
  HEALTH_PORT,
  INNER_PORT,
  nginxConf,
  PORT,
  type Protection,
  READERS,
  RENDER_SCRIPT,
  SITE,
  WORK,
} from './monitoring-dashboard-files';
import type { RecordFolder, RecordStore } from './record-store';
import { storeEnvironment } from './store-environment';

export interface MonitoringDashboardProps {
  /** Time of the day at which the pages are made anew, UTC: after the checks of drift. @default '05:30' */
  readonly rebuildAt?: string;
  /** Language that the pages open in. @default 'fr' */
  readonly language?: 'fr' | 'en';
  /** Who logs in to read the pages, in the place of the password; it needs an exposure. @default - readers give a generated password */
  readonly login?: LoginProps;
  /** Why whoever reaches the pages may read them, such as a gateway that asks for a login. @default - readers give a generated password */
  readonly openBecause?: string;
  /** Of what makes the pages. @default - 250m to 2 CPU; 1Gi to 4Gi of memory; up to 8Gi of local disk */
  readonly resources?: ContainerResources;
}

/** What a dashboard is given by the monitoring around it. */
export interface DashboardSources {
  readonly records: RecordStore;
  /** Folders that its pages are made of. */
  readonly reads: readonly RecordFolder[];
  /** The settings file: confidence, nomenclature, windows. */
  readonly settings: object;
}

const SOFTWARE = 'nace-dashboard';
const ROLE = 'dashboard';
const READER = 'reader';
/** User that the image runs as. */
const UID = 1000;
const SETTINGS = 'settings.json';
const SITE_SIZE = '4Gi';

const RENDER: ContainerResources = {
  cpu: { request: '250m', limit: '2' },
  memory: { request: '1Gi', limit: '4Gi' },
  ephemeralStorage: { request: '256Mi', limit: '8Gi' },
};
const SERVE: ContainerResources = {
  cpu: { request: '10m', limit: '500m' },
  memory: { request: '32Mi', limit: '128Mi' },
};

/**
 * Pages about a coding service: made anew each day by one container, which alone has credentials of the store, and served as files by another, which
 * asks readers for a password. Where people log in, that one is reached through a third container alone, which sends them to the identity provider.
 */
export class MonitoringDashboard extends Construct {
  private readonly service: HttpService;
  private readonly login: LoginProxy | undefined;
  private exposed: ExposedHost | undefined;

  /** @throws Error when the time is none, or when pages behind a login are to be open */
  constructor(
    component: Component,
    id: string,
    private readonly props: MonitoringDashboardProps & DashboardSources,
  ) {
    super(component, id);
    const { namespace, platform } = component;
    const name = `${component.componentName}-${ROLE}`;
    const image = platform.images.get('nace-dashboard');
    const protection = protectionOf(props, this.node.path);
    const podLabels = component.selector(SOFTWARE, ROLE);
    const connections = new Connections(this, 'connections', { namespace, name, podLabels });
    this.service = { namespace: namespace.name, name, port: PORT, containerPort: PORT, connections };
    const labels = component.labels(SOFTWARE, ROLE, image.version);
    const files = {
      'render.sh': RENDER_SCRIPT,
      'nginx.conf': nginxConf(protection),
      [SETTINGS]: `${JSON.stringify(props.settings, undefined, 2)}\n`,
    };
    const configMap = new k8s.KubeConfigMap(this, 'files', {
      metadata: { name: `${name}-${contentHash(files)}`, namespace: namespace.name, labels },
      immutable: true,
      data: files,
    });
    const access = props.records.grant({ consumerName: name, connections }, { read: props.reads });
    const store = storeEnvironment(props.records, access);
    this.login =
      props.login === undefined
        ? undefined
        : new LoginProxy(component, 'login', {
            ...props.login,
            ...{ name, connections, port: PORT, upstreamPort: INNER_PORT },
          });
    const password =
      protection === 'password'
        ? new PlatformSecret(this, 'readers', {
            namespace,
            name: `${name}-readers`,
            data: { username: READER, password: new GeneratedValue(`${name}-reader`) },
          })
        : undefined;
    const deployment = new k8s.KubeDeployment(this, 'deployment', {
      metadata: { name, namespace: namespace.name, labels },
      spec: {
        replicas: 1,
        revisionHistoryLimit: 3,
        selector: { matchLabels: { ...podLabels } },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: podSecurityContext(UID),
            containers: [
              this.render(image, store),
              this.serve(image, password),
              ...(this.login === undefined ? [] : [this.login.container]),
            ],
            volumes: [
              { name: 'files', configMap: { name: configMap.name } },
              { name: 'site', emptyDir: { sizeLimit: k8s.Quantity.fromString(SITE_SIZE) } },
              { name: 'work', emptyDir: {} },
              { name: 'readers', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('8Mi') } },
              ...store.mounts.map(({ volume }) => volume),
              ...(this.login?.volumes ?? []),
            ],
          },
        },
      },
    });
    const service = new k8s.KubeService(this, 'service', {
      metadata: { name, namespace: namespace.name, labels },
      spec: {
        type: 'ClusterIP',
        selector: { ...podLabels },
        ports: [{ name: 'http', port: PORT, targetPort: k8s.IntOrString.fromString('http'), protocol: 'TCP' }],
      },
    });
    atStep(deployment, 1);
    atStep(service, 1);
    platform.announce(() => ({
      title: `Monitoring ${component.componentName}`,
      ...(this.exposed === undefined
        ? {
            url: `http://${name}.${namespace.name}.svc.${platform.clusterDomain}:${PORT}`,
            service: { namespace: namespace.name, name, port: PORT },
          }
        : { url: this.exposed.url }),
      ...(password === undefined ? {} : { username: READER, password: password.ref('password') }),
    }));
  }

  /** Gives the pages a host. */
  exposeVia(exposure: IExposure, subdomain: string): ExposedHost {
    this.exposed = exposure.expose(this.service, subdomain);
    this.login?.comesBackTo(this.exposed);
    return this.exposed;
  }

  private render(image: ImageReference, store: ReturnType<typeof storeEnvironment>): k8s.Container {
    const { rebuildAt = '05:30', resources = RENDER } = this.props;
    if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(rebuildAt)) {
      throw new Error(`dashboard.rebuildAt "${rebuildAt}" is no time of the day: expected "05:30", in UTC`);
    }
    const probe = (command: string): k8s.Probe => ({ exec: { command: ['sh', '-c', command] }, timeoutSeconds: 5 });
    return {
      ...this.container(image, 'render', resources),
      command: ['bash', `${FILES}/render.sh`],
      env: [
        ...store.env,
        env('HOME', '/tmp'),
        env('NACE_CONFIG', `${FILES}/${SETTINGS}`),
        env('NACE_SITE', SITE),
        env('NACE_WORK', WORK),
        env('REBUILD_AT', rebuildAt),
      ],
      volumeMounts: [
        { name: 'files', mountPath: FILES, readOnly: true },
        { name: 'site', mountPath: SITE },
        { name: 'work', mountPath: '/tmp' },
        ...store.mounts.map(({ volume, mountPath }) => ({ name: volume.name, mountPath, readOnly: true })),
      ],
      readinessProbe: { ...probe(`test -s ${SITE}/current/index.html`), periodSeconds: 10, failureThreshold: 3 },
      livenessProbe: {
        ...probe(`test -n "$(find ${ALIVE} -mmin -${BUILD_MINUTES + 5})"`),
        initialDelaySeconds: 30,
        periodSeconds: 60,
        failureThreshold: 3,
      },
    };
  }

  private serve(image: ImageReference, password: PlatformSecret | undefined): k8s.Container {
    const start = `/usr/sbin/nginx -c ${FILES}/nginx.conf`;
    const port =
      this.login === undefined ? { name: 'http', containerPort: PORT } : { name: 'health', containerPort: HEALTH_PORT };
    const httpGet = { path: '/health', port: k8s.IntOrString.fromString(port.name) };
    return {
      ...this.container(image, 'pages', SERVE),
      command: [
        ...['sh', '-ec'],
        password === undefined
          ? `exec ${start}`
          : `printf '%s:{PLAIN}%s\\n' "$READERS_USERNAME" "$READERS_PASSWORD" > ${READERS}; unset READERS_PASSWORD; exec ${start}`,
      ],
      env:
        password === undefined
          ? []
          : [
              envFromSecret('READERS_USERNAME', password.ref('username')),
              envFromSecret('READERS_PASSWORD', password.ref('password')),
            ],
      ports: [port],
      volumeMounts: [
        { name: 'files', mountPath: FILES, readOnly: true },
        { name: 'site', mountPath: SITE, readOnly: true },
        { name: 'readers', mountPath: '/tmp' },
      ],
      readinessProbe: { httpGet, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 3 },
      livenessProbe: { httpGet, periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 6 },
    };
  }

  private container(
    image: ImageReference,
    name: string,
    resources: ContainerResources,
  ): Omit<k8s.Container, 'command'> {
    return {
      name,
      image: image.reference,
      imagePullPolicy: 'IfNotPresent',
      resources: resourceRequirements(resources),
      securityContext: containerSecurityContext(),
    };
  }
}

/** @throws Error when pages behind a login are to be open */
function protectionOf({ login, openBecause = '' }: MonitoringDashboardProps, path: string): Protection {
  const isOpen = openBecause.trim() !== '';
  if (login === undefined) return isOpen ? 'none' : 'password';
  if (!isOpen) return 'login';
  throw new Error(`"${path}" asks people to log in, and is to be open because "${openBecause}": leave out one of both`);
}
