import type { Construct } from 'constructs';
import {
  type Access,
  atStep,
  compare,
  Component,
  Connections,
  dnsLabel,
  type ExposedHost,
  type ForeignPods,
  GeneratedValue,
  type HttpService,
  type IConnectable,
  type IMetrics,
  Layer,
  type PlatformNamespace,
  type PlatformPart,
  PlatformSecret,
  type SecretRef,
} from '../platform';
import { ARGO_CD_ALERTS, ARGO_CD_DASHBOARD } from '../monitoring';
import { ArgoCdApplication, type ArgoCdApplicationProps } from './argo-cd-application';
import { makeRepositorySecret } from './argo-cd-credentials';
import type { NamespacedKind } from './argo-cd-kinds';
import { loginOf } from './argo-cd-login';
import { PORTS } from './argo-cd-programs';
import { ArgoCdProject, type ArgoCdProjectProps } from './argo-cd-project';
import type { ArgoCdProps } from './argo-cd-props';
import { type ArgoCdRepository, type ArgoCdRepositoryProps, repositoryOf } from './argo-cd-repository';
import { ArgoCdServer } from './argo-cd-server';
import { argoObject, makeSettings } from './argo-cd-settings';
import { defineArgoKind } from './argo-definitions';
import { ARGO_KINDS } from './argo-kinds';

const SOFTWARE = 'argo-cd';
const ROLE = 'server';

/**
 * Argo CD for some namespaces of the platform: what is in a repository becomes what runs there, in the order of its waves, and stays as it
 * is there. It has no right in the cluster, a Role in each namespace that it was given, with the kinds alone that a project may deploy
 * there, and runs nothing of what it reads: repositories hold rendered manifests. Its settings, projects and Applications are objects of the
 * platform; in its pages people see, synchronize and roll back.
 *
 * Its settings have the label by which Argo CD finds them, `app.kubernetes.io/part-of: argocd`, in place of the platform's own, which stands in
 * `bouture.dev/part-of`.
 *
 * @throws Error when nobody could log in, or people could not reach it; when a number is out of its range
 *
 * @example
 * import { ArgoCd, type IExposure, type IIdentityProvider, PlatformNamespace } from 'bouture';
 * declare const realm: IIdentityProvider, exposure: IExposure;
 * const coding = new PlatformNamespace(platform, 'coding', { name: 'office-coding' });
 * const argo = new ArgoCd(platform, 'argo-cd', {
 *   namespaces: [coding],
 *   people: { identityProvider: realm, administrators: ['platform'] },
 *   exposure,
 * });
 * const token = { namespace: argo.namespace.name, name: 'git', key: 'token' };
 * const repository = argo.addRepository('configuration', {
 *   url: 'https://git.example.org/office/configuration.git',
 *   credentials: { token },
 *   hosts: { cidrs: ['192.0.2.0/24'] },
 * });
 * const project = argo.addProject('coding', { repositories: [repository], namespaces: [coding], operators: ['coding'] });
 * argo.addApplication({ name: 'coding', project, repository, path: 'charts-out/nace-coding', namespace: coding, components: ['inference'] });
 */
export class ArgoCd extends Component implements IConnectable {
  readonly connections: Connections;
  /** The Service, for who routes to it. */
  readonly service: HttpService;
  /** Where people reach it. @default - not from outside */
  readonly exposed?: ExposedHost;
  private readonly props: ArgoCdProps;
  private readonly objectLabels: Readonly<Record<string, string>>;
  private readonly repositories = new Map<string, ArgoCdRepository>();
  private readonly projects = new Map<string, ArgoCdProject>();
  private readonly applications = new Map<string, ArgoCdApplication>();
  private readonly administrator: SecretRef | undefined;

  constructor(scope: Construct, id: string, props: ArgoCdProps) {
    super(scope, id, Layer.PLATFORM, props);
    this.props = props;
    this.refuseUseless();
    const { componentName: name, namespace, platform } = this;
    const { namespaces, exposure, serverTls, serverImage = 'argo-cd', definitions = 'own' } = props;
    this.objectLabels = this.labels(SOFTWARE, ROLE, platform.images.get('argo-cd').version);
    const podLabels = this.selector(SOFTWARE, ROLE);
    this.connections = new Connections(this, 'connections', { namespace, name, podLabels });
    this.service = {
      namespace: namespace.name,
      name,
      port: serverTls === undefined ? 80 : 443,
      containerPort: PORTS.server,
      tls: serverTls !== undefined,
      connections: this.connections,
    };
    if (definitions === 'own') for (const kind of ARGO_KINDS['argo-cd']) defineArgoKind(this, kind, this.objectLabels);
    if (exposure !== undefined) this.exposed = exposure.expose(this.service, props.subdomain ?? name);
    this.administrator = this.administratorPassword();
    this.openNetwork();
    this.settings();
    const authority = props.trust?.refIn(this, namespace, `${name}-trust`);
    new ArgoCdServer(this, 'server', {
      service: this.service,
      labels: this.objectLabels,
      namespaces,
      serverImage: platform.images.get(serverImage).reference,
      ...(authority === undefined ? {} : { authority }),
      ...(this.administrator === undefined ? {} : { administrator: this.administrator }),
      ...(serverTls === undefined ? {} : { serverTls }),
      pollSeconds: props.pollSeconds ?? 120,
      resources: props.resources ?? {},
      repositories: () => this.allRepositories,
      kinds: (each) => this.kindsOf(each),
    });
    // The project of Applications that name none. Argo CD makes one that allows everything, where there is none.
    this.object('AppProject', 'default', { sourceRepos: [], destinations: [], clusterResourceWhitelist: [] }, 0);
    platform.announce(() => this.access());
    platform.leaveTo((part) => (this.deploys(part) ? this.componentName : undefined));
  }

  /**
   * Lets Argo CD read a repository: its credentials by reference, its host through the network.
   *
   * @throws Error as {@link repositoryOf} says, and when the name or the address is taken
   */
  addRepository(name: string, props: ArgoCdRepositoryProps): ArgoCdRepository {
    const repository = repositoryOf(dnsLabel('repository', name), props, this.platform.isProduction);
    const twice = this.allRepositories.find((other) => other.name === name || other.url === repository.url);
    if (twice !== undefined) {
      throw new Error(
        `repository "${name}" (${repository.url}) is there already, as "${twice.name}": pass that one on`,
      );
    }
    const { credential, port } = repository;
    if (credential !== undefined) {
      const { ref } = credential;
      const purpose = `${credential.key === 'password' ? 'token' : 'private key'} for ${repository.url}`;
      if (ref.namespace !== this.namespace.name) {
        throw new Error(
          `secret "${ref.name}" of namespace "${ref.namespace}", ${purpose}, must stand in namespace "${this.namespace.name}": Pods read no other`,
        );
      }
      this.platform.expectSecret({ namespace: ref.namespace, name: ref.name, keys: [ref.key], purpose });
    }
    if (props.service === undefined) this.connections.allowToServer(props, port);
    else this.connections.allowTo(props.service, props.service.containerPort);
    makeRepositorySecret(this, repository);
    this.repositories.set(name, repository);
    return repository;
  }

  /**
   * Says what a team may deploy, and where.
   *
   * @throws Error as {@link ArgoCdProject} says, and when the name is taken or something is not this Argo CD's
   */
  addProject(name: string, props: ArgoCdProjectProps): ArgoCdProject {
    const project = new ArgoCdProject(name, props);
    if (this.projects.has(name)) throw new Error(`project "${name}" is there already: pass it on`);
    for (const repository of props.repositories) {
      if (this.repositories.get(repository.name) !== repository) {
        throw new Error(
          `project "${name}": repository "${repository.name}" is not of "${this.node.path}": use addRepository`,
        );
      }
    }
    for (const namespace of props.namespaces) {
      if (!this.props.namespaces.includes(namespace)) {
        const known = this.props.namespaces.map((each) => each.name).join(', ');
        throw new Error(
          `project "${name}": "${this.node.path}" was not given namespace "${namespace.name}": it has ${known}`,
        );
      }
    }
    const { people } = this.props;
    if (people === undefined && project.groups.length > 0) {
      throw new Error(
        `project "${name}" names groups, and nobody logs in to "${this.node.path}" by a provider: give people`,
      );
    }
    for (const group of project.groups) people?.identityProvider.addGroup(group);
    this.object('AppProject', name, project.spec(), 2);
    this.projects.set(name, project);
    return project;
  }

  /**
   * Follows a folder of a repository.
   *
   * @throws Error as {@link ArgoCdApplication} says, and when the name is taken, the project is another's, or another Application owns
   * the same files in the same namespace
   */
  addApplication(props: ArgoCdApplicationProps): ArgoCdApplication {
    const application = new ArgoCdApplication(props);
    const { name, namespace, path, project } = application;
    if (this.applications.has(name)) throw new Error(`application "${name}" is there already: give one another name`);
    if (this.projects.get(project.name) !== project) {
      throw new Error(`application "${name}": project "${project.name}" is not of "${this.node.path}": use addProject`);
    }
    const other = [...this.applications.values()].find((each) => each.overlaps(application));
    if (other !== undefined) {
      throw new Error(
        `application "${name}" and "${other.name}" would both own files of "${path}" in namespace "${namespace.name}": ` +
          'give them different folders or components',
      );
    }
    this.object('Application', name, application.spec(), 3);
    this.applications.set(name, application);
    return application;
  }

  /** Whether an Application follows the file of a component: whoever deploys the rest of the platform leaves it alone. */
  follows(layer: Layer, component: string): boolean {
    return [...this.applications.values()].some((application) => application.follows(layer, component));
  }

  /** Whether an object of this platform comes by an Application that names its component and deploys to its namespace. */
  private deploys({ layer, component, namespace }: PlatformPart): boolean {
    return [...this.applications.values()].some(
      (application) =>
        application.namesComponents &&
        application.namespace.name === namespace &&
        application.follows(layer, component),
    );
  }

  /** Lets a Prometheus read the counters, at `/metrics` of ports 8082 (controller), 8083 (server) and 8084 (repositories). */
  allowMetricsFrom(pods: IConnectable | ForeignPods): void {
    for (const port of [PORTS.controllerHealth, PORTS.serverMetrics, PORTS.repositoriesHealth]) {
      if ('connections' in pods) pods.connections.allowTo(this, port);
      else this.connections.allowFrom(pods, port);
    }
  }

  /** Declares the metrics of its three programs, alerts and dashboard. */
  monitorVia(metrics: IMetrics): void {
    const { connections } = this;
    const parts = [
      ['controller', PORTS.controllerHealth],
      ['server', PORTS.serverMetrics],
      ['repositories', PORTS.repositoriesHealth],
    ] as const;
    for (const [part, port] of parts) metrics.scrape({ job: SOFTWARE, component: this, part, connections, port });
    for (const rule of ARGO_CD_ALERTS) metrics.alert(rule);
    metrics.dashboard(ARGO_CD_DASHBOARD);
  }

  private get allRepositories(): readonly ArgoCdRepository[] {
    return [...this.repositories.values()].sort((a, b) => compare(a.name, b.name));
  }

  private kindsOf(namespace: PlatformNamespace): readonly NamespacedKind[] {
    return [...this.projects.values()]
      .filter(({ namespaces }) => namespaces.includes(namespace))
      .flatMap(({ kinds }) => kinds);
  }

  private refuseUseless(): void {
    const { namespaces, people, exposure, administrator } = this.props;
    const { path } = this.node;
    if (namespaces.length === 0) throw new Error(`"${path}" has no namespaces: it would deploy nothing`);
    if (people === undefined && administrator !== true) {
      throw new Error(`nobody could log in to "${path}": give people, or administrator: true`);
    }
    if (people !== undefined && exposure === undefined) {
      throw new Error(`people could not come back to "${path}" after they have logged in: give exposure`);
    }
  }

  private administratorPassword(): SecretRef | undefined {
    if (this.props.administrator !== true) return undefined;
    const name = `${this.componentName}-admin`;
    const data = { password: new GeneratedValue(name) };
    return new PlatformSecret(this, 'admin', { namespace: this.namespace, name, data }).ref('password');
  }

  private openNetwork(): void {
    const { apiServer = {}, furtherHosts = [] } = this.props;
    const { cidrs, ports = [443, 6443] } = apiServer;
    for (const port of ports) this.connections.allowToExternal(cidrs === undefined ? {} : { cidrs }, port);
    for (const { port, ...hosts } of furtherHosts) this.connections.allowToExternal(hosts, port);
  }

  private settings(): void {
    const { componentName: name, connections, exposed, namespace, platform } = this;
    const { people } = this.props;
    const login =
      people === undefined || exposed === undefined ? undefined : loginOf(people, name, exposed, connections);
    makeSettings(
      this,
      {
        namespace: namespace.name,
        installation: `${platform.name}-${name}`,
        ...(exposed === undefined ? {} : { url: exposed.url }),
        ...(login === undefined ? {} : { login }),
        hasAdministrator: this.administrator !== undefined,
        knownHosts: () => [...new Set(this.allRepositories.flatMap(({ knownHosts }) => knownHosts))].sort(compare),
      },
      this.objectLabels,
    );
  }

  private object(kind: 'Application' | 'AppProject', name: string, spec: unknown, step: number): void {
    const metadata = { name, namespace: this.namespace.name, labels: this.objectLabels };
    atStep(argoObject(this, `${kind.toLowerCase()}-${name}`, kind, metadata, spec), step);
  }

  private access(): Access {
    const { exposed, namespace, service } = this;
    const { name, port } = service;
    return {
      title: 'Argo CD',
      ...(exposed === undefined
        ? {
            url: `${service.tls === true ? 'https' : 'http'}://${name}.${namespace.name}:${port}`,
            service: { namespace: namespace.name, name, port },
          }
        : { url: exposed.url }),
      ...(this.administrator === undefined ? {} : { username: 'admin', password: this.administrator }),
    };
  }
}
