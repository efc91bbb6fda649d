import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  compare,
  Component,
  type ComponentProps,
  type Connections,
  type ExternalHosts,
  type ForeignPods,
  type IConnectable,
  Layer,
  lazily,
  podSecurityLabels,
  type PodSecurityLevel,
  SpaceNames,
} from '../platform';
import type { PlatformAccount } from './platform-account';
import { SpaceKeeper, type SpaceKeeperProps } from './space-keeper';
import { SPACE_SELECTOR } from './space-label';
import { SpaceNetwork } from './space-network';
import { greatest, SpaceQuota, type SpaceQuotaProps } from './space-quota';
import { type ContainerDefaults, spaceTemplate, type SpaceTemplateProps, templateVersion } from './space-template';

/** How the API server names people and groups of the identity provider: `--oidc-username-prefix` and `--oidc-groups-prefix`. */
export interface ApiSubjects {
  /** What a user's name begins with. @default 'oidc:' */
  readonly userPrefix?: string;
  /** What a group's name begins with. @default 'oidc:' */
  readonly groupPrefix?: string;
}

export interface UserSpacesProps extends ComponentProps {
  /** How spaces are named. @default - `user-` and `projet-` */
  readonly names?: SpaceNames;
  /** How the API server names people. @default - both prefixes are `oidc:` */
  readonly subjects?: ApiSubjects;
  /** What each user may have. @default - see {@link SpaceQuotaProps} */
  readonly userQuota?: SpaceQuotaProps;
  /** What each project may have. @default - see {@link SpaceQuotaProps} */
  readonly projectQuota?: SpaceQuotaProps;
  /** What some projects may have instead, by name; what is left out is as for every project. @default - no project has a quota of its own */
  readonly projectQuotas?: Readonly<Record<string, SpaceQuotaProps>>;
  /** What users with a role may have instead; what a role leaves out is as for every user. @default - no role has a quota of its own */
  readonly roleQuotas?: Readonly<Record<string, SpaceQuotaProps>>;
  /** What a container that states nothing gets. @default - requests 100m CPU, 256Mi memory; limits 1 CPU, 2Gi memory, 10Gi of local disk */
  readonly containerDefaults?: ContainerDefaults;
  /** Pod Security level that spaces enforce. @default 'baseline' */
  readonly podSecurity?: Exclude<PodSecurityLevel, 'privileged'>;
  /** Version of the Pod Security Standards. An API server that is older takes its newest. @default 'v1.34' */
  readonly podSecurityVersion?: string;
  /** `internet` lets people's Pods call every public address; private networks and the clouds' metadata stay closed. @default 'closed' */
  readonly egress?: 'closed' | 'internet';
  /** Where the API server is, for the Pod that writes the guards. @default - every address, ports 443 and 6443 */
  readonly apiServer?: SpaceKeeperProps['apiServer'];
}

const CONTAINER: ContainerDefaults = {
  requests: { cpu: '100m', memory: '256Mi', 'ephemeral-storage': '256Mi' },
  limits: { cpu: '1', memory: '2Gi', 'ephemeral-storage': '10Gi' },
};

/** The levels that Pod Security knows. */
const WARNED: PodSecurityLevel = 'restricted';

/**
 * What holds in each namespace that people work in: quota, limits, Pod Security level, and a network that is closed but for DNS, the
 * space itself and the holes that are opened here. Onyxia makes these namespaces when people log in; a small Pod, the keeper, writes
 * the guards into them, and `TenantPolicies` lets no Pod start before they are there.
 *
 * Image: key `toolbox`.
 *
 * @throws Error when a quota is none, or the version of the Pod Security Standards is none
 *
 * @example
 * import { type MlflowServer, SpaceNames, UserSpaces } from 'bouture';
 * declare const mlflow: MlflowServer;
 * const spaces = new UserSpaces(platform, 'spaces', {
 *   names: new SpaceNames({ projectPrefix: 'project-' }),
 *   userQuota: { cpu: '8', memory: '32Gi' },
 *   roleQuotas: { 'gpu-user': { gpus: 1 } },
 *   egress: 'internet',
 * });
 * spaces.allowTo(mlflow, mlflow.service.containerPort);
 * spaces.allowFrom({ namespace: 'traefik' });
 */
export class UserSpaces extends Component {
  readonly names: SpaceNames;
  readonly subjects: Required<ApiSubjects>;
  readonly userQuota: SpaceQuota;
  readonly projectQuota: SpaceQuota;
  readonly containerDefaults: ContainerDefaults;
  readonly podSecurity: Exclude<PodSecurityLevel, 'privileged'>;
  readonly podSecurityVersion: string;
  /** Quotas of roles, by role. */
  readonly roleQuotas: ReadonlyMap<string, SpaceQuota>;
  /** Who writes the guards. */
  readonly keeper: PlatformAccount;
  /** Traffic of every space. */
  readonly network: SpaceNetwork;
  private readonly targets = new Map<Connections, Set<number>>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: UserSpacesProps = {},
  ) {
    super(scope, id, Layer.FOUNDATIONS, props);
    this.names = props.names ?? new SpaceNames();
    this.subjects = {
      userPrefix: props.subjects?.userPrefix ?? 'oidc:',
      groupPrefix: props.subjects?.groupPrefix ?? 'oidc:',
    };
    this.userQuota = SpaceQuota.user(props.userQuota);
    this.projectQuota = SpaceQuota.project(props.projectQuota);
    this.roleQuotas = new Map(
      Object.entries(props.roleQuotas ?? {})
        .sort(([a], [b]) => compare(a, b))
        .map(([role, quota]) => [role, SpaceQuota.user({ ...props.userQuota, ...quota })]),
    );
    this.containerDefaults = props.containerDefaults ?? CONTAINER;
    this.podSecurity = props.podSecurity ?? 'baseline';
    this.podSecurityVersion = props.podSecurityVersion ?? 'v1.34';
    if (!/^v1\.\d+$/.test(this.podSecurityVersion)) {
      throw new Error(
        `version of the Pod Security Standards "${this.podSecurityVersion}": expected one such as "v1.34"`,
      );
    }
    this.network = new SpaceNetwork(this.platform);
    if (props.egress === 'internet') this.network.toInternet();
    this.keeper = new SpaceKeeper(this, 'keeper', {
      names: this.names,
      user: () => this.template(this.userTemplate),
      project: () => this.template(this.projectTemplate),
      ...(props.apiServer === undefined ? {} : { apiServer: props.apiServer }),
    }).account;
  }

  /** The quota of one project. @param own what differs from other projects, and from what was said of this one */
  quotaOfProject(name: string, own: SpaceQuotaProps = {}): SpaceQuota {
    const { projectQuota, projectQuotas = {} } = this.props;
    return SpaceQuota.project({ ...projectQuota, ...projectQuotas[name], ...own });
  }

  /** Labels that each space has: for the region's `services.namespaceLabels` of Onyxia. */
  get namespaceLabels(): Readonly<Record<string, string>> {
    return { ...SPACE_SELECTOR, ...podSecurityLabels(this.podSecurity, WARNED, this.podSecurityVersion) };
  }

  /** Quotas in the keys that Onyxia knows: for the region's `services.quotas`. The other keys stand in the platform's own quota. */
  get onyxiaQuotas(): {
    readonly userEnabled: true;
    readonly user: Readonly<Record<string, string>>;
    readonly groupEnabled: true;
    readonly group: Readonly<Record<string, string>>;
    readonly roles: Readonly<Record<string, Readonly<Record<string, string>>>>;
  } {
    return {
      userEnabled: true,
      user: this.userQuota.onyxia,
      groupEnabled: true,
      // Onyxia knows one quota for all projects; the platform's own says what each may have.
      group: this.greatestOfProjects,
      roles: Object.fromEntries([...this.roleQuotas].map(([role, { onyxia }]) => [role, onyxia])),
    };
  }

  /**
   * Lets every space call a port of the platform's Pods: a hole on both sides.
   *
   * @param target object store, Vault, MLflow, mirror of packages
   * @param port number of the container's port, 1 to 65535
   */
  allowTo(target: IConnectable, port: number): void {
    this.network.to(target, port);
    const { connections } = target;
    const ports = this.targets.get(connections);
    if (ports !== undefined) {
      ports.add(port);
      return;
    }
    const added = new Set([port]);
    this.targets.set(connections, added);
    const name = `${connections.podLabels['app.kubernetes.io/instance']}-from-spaces`;
    new ApiObject(this, `${connections.namespace.name}-${name}`, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name, namespace: connections.namespace.name, labels: this.labels('spaces', 'network') },
      spec: {
        podSelector: { matchLabels: { ...connections.podLabels } },
        policyTypes: ['Ingress'],
        ingress: lazily(() => [
          {
            from: [{ namespaceSelector: { matchLabels: { ...SPACE_SELECTOR } } }],
            ports: [...added].sort((a, b) => a - b).map((one) => ({ port: one, protocol: 'TCP' })),
          },
        ]),
      },
    });
  }

  /**
   * Lets every space call a port of Pods that this platform does not make: the Ingress controller, behind which the platform's public
   * addresses are. Whether those Pods let it in is for their own namespace to say.
   *
   * @param port number of the container's port, 1 to 65535
   */
  allowToPods(pods: ForeignPods, port: number): void {
    this.network.toPods(pods, port);
  }

  /** Lets every space call a port of hosts outside the cluster. */
  allowToExternal(hosts: ExternalHosts, port: number): void {
    this.network.toHosts(hosts, port);
  }

  /** Lets Pods call every port of every space: the Ingress controller, a Prometheus. */
  allowFrom(pods: ForeignPods): void {
    this.network.from(pods);
  }

  /** Of each key the most that any project has. */
  private get greatestOfProjects(): Readonly<Record<string, string>> {
    const names = Object.keys(this.props.projectQuotas ?? {}).sort(compare);
    const keys = Object.keys(this.projectQuota.onyxia);
    const most = greatest([this.projectQuota, ...names.map((name) => this.quotaOfProject(name))]);
    return Object.fromEntries(Object.entries(most).filter(([key]) => keys.includes(key)));
  }

  private get userTemplate(): SpaceTemplateProps {
    // Onyxia's own quota says what this user may have by role; this one says what nobody may pass.
    return this.templateProps(greatest([this.userQuota, ...this.roleQuotas.values()]));
  }

  private get projectTemplate(): SpaceTemplateProps {
    return this.templateProps(this.projectQuota.hard);
  }

  private templateProps(quota: Readonly<Record<string, string>>): SpaceTemplateProps {
    const { containerDefaults, platform, network } = this;
    return { partOf: platform.name, quota, containerDefaults, guards: network.guards, holes: network.holes };
  }

  private template(props: SpaceTemplateProps) {
    return spaceTemplate(props, templateVersion([this.userTemplate, this.projectTemplate]));
  }
}
