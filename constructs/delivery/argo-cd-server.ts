import { Construct } from 'constructs';
import {
  atStep,
  type Component,
  contentHash,
  type ContainerResources,
  GeneratedValue,
  type HttpService,
  k8s,
  lazily,
  type PlatformNamespace,
  PlatformSecret,
  type SecretRef,
} from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { CREDENTIALS_SCRIPT, credentialsPod, repositorySecretName } from './argo-cd-credentials';
import type { NamespacedKind } from './argo-cd-kinds';
import type { ArgoCdProps } from './argo-cd-props';
import { argoCdPod, AUTHORITY_FILES } from './argo-cd-pod';
import {
  ARGOCD_SECRET,
  PASSWORD_SCRIPT,
  PORTS,
  REDIS_SCRIPT,
  repositoriesScript,
  secretMeaning,
} from './argo-cd-programs';
import type { ArgoCdRepository } from './argo-cd-repository';
import { deployRules, ownRules } from './argo-cd-roles';
import { clusterSecret } from './argo-cd-settings';
import { makeCertificate } from './certificate';

/** Secret in which Argo CD looks for the certificate of its server. */
const SERVER_CERTIFICATE = 'argocd-server-tls';

const RESOURCES: Readonly<Record<'server' | 'repositories' | 'controller', ContainerResources>> = {
  server: {
    cpu: { request: '50m', limit: '500m' },
    memory: { request: '128Mi', limit: '512Mi' },
    ephemeralStorage: { request: '16Mi', limit: '256Mi' },
  },
  repositories: {
    cpu: { request: '100m', limit: '1' },
    memory: { request: '128Mi', limit: '1Gi' },
    ephemeralStorage: { request: '64Mi', limit: '5Gi' },
  },
  controller: {
    cpu: { request: '100m', limit: '1' },
    memory: { request: '256Mi', limit: '1Gi' },
    ephemeralStorage: { request: '16Mi', limit: '256Mi' },
  },
};

/** What is about the programs of one Argo CD. */
export interface ArgoCdServerProps {
  readonly service: HttpService;
  readonly labels: Readonly<Record<string, string>>;
  readonly namespaces: readonly PlatformNamespace[];
  readonly serverImage: string;
  /** @default - the system's authorities alone */
  readonly authority?: SecretRef;
  /** @default - there is no local account */
  readonly administrator?: SecretRef;
  /** @default - plain HTTP */
  readonly serverTls?: NonNullable<ArgoCdProps['serverTls']>;
  /** 10 to 86400. */
  readonly pollSeconds: number;
  /** In place of the defaults. */
  readonly resources: NonNullable<ArgoCdProps['resources']>;
  /** Asked for at synthesis. */
  readonly repositories: () => readonly ArgoCdRepository[];
  /** What may be deployed to a namespace. Asked for at synthesis. */
  readonly kinds: (namespace: PlatformNamespace) => readonly NamespacedKind[];
}

/** The programs of one Argo CD: their Pod, account, rights, scripts and Secrets. */
export class ArgoCdServer extends Construct {
  constructor(
    private readonly component: Component,
    id: string,
    private readonly props: ArgoCdServerProps,
  ) {
    super(component, id);
    const { componentName, namespace } = component;
    const account = new k8s.KubeServiceAccount(this, 'account', {
      metadata: this.metadata(),
      automountServiceAccountToken: false,
    });
    this.rights(account.name);
    this.certificate();
    new PlatformSecret(this, 'argocd', {
      namespace,
      name: ARGOCD_SECRET.name,
      data: { 'server.secretkey': new GeneratedValue(`${componentName}-server-key`, 64) },
    });
    new PlatformSecret(this, 'cluster', {
      namespace,
      name: `${componentName}-cluster`,
      labels: secretMeaning('cluster'),
      data: clusterSecret(props.namespaces.map(({ name }) => name)),
    });
    const redis = new PlatformSecret(this, 'redis', {
      namespace,
      name: `${componentName}-redis`,
      data: { password: new GeneratedValue(`${componentName}-redis`) },
    });
    this.statefulSet(account.name, this.files(), redis.ref('password'));
    this.serviceObject();
  }

  private files(): string {
    const data = {
      'credentials.sh': CREDENTIALS_SCRIPT,
      'password.sh': PASSWORD_SCRIPT,
      'redis.sh': REDIS_SCRIPT,
      'repositories.sh': repositoriesScript(AUTHORITY_FILES),
    };
    const name = `${this.component.componentName}-${contentHash(data)}`;
    new k8s.KubeConfigMap(this, 'files', { metadata: { ...this.metadata(), name }, immutable: true, data });
    return name;
  }

  private statefulSet(accountName: string, filesName: string, redisPassword: SecretRef): void {
    const { component, props } = this;
    const { componentName, namespace, platform } = component;
    const { administrator, authority, labels, serverImage, service, pollSeconds, resources } = props;
    const image = platform.images.get('argo-cd').reference;
    const poll = wholeNumber('pollSeconds', pollSeconds, 10, 86_400);
    const spec = () =>
      argoCdPod({
        namespace: namespace.name,
        accountName,
        image,
        serverImage,
        filesName,
        redisPassword,
        ...(administrator === undefined ? {} : { administrator }),
        ...(authority === undefined ? {} : { authority }),
        serverSpeaksTls: service.tls === true,
        pollSeconds: poll,
        credentials: credentialsPod(componentName, namespace.name, image, props.repositories()),
        resources: { ...RESOURCES, ...resources },
      });
    const statefulSet = new k8s.KubeStatefulSet(this, 'programs', {
      metadata: {
        ...this.metadata(),
        annotations: {
          'bouture.dev/suppress.reference-exists': 'Kubernetes itself makes kube-root-ca.crt in every namespace.',
        },
      },
      spec: {
        serviceName: service.name,
        // There is one controller for each cluster that is watched.
        replicas: 1,
        revisionHistoryLimit: 3,
        selector: { matchLabels: { ...service.connections.podLabels } },
        template: {
          metadata: {
            labels: { ...labels },
            annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(PORTS.controllerHealth) },
          },
          spec: lazily(spec),
        },
      },
    });
    atStep(statefulSet, 1);
  }

  private serviceObject(): void {
    const { service } = this.props;
    const port = (name: string, target: string, number: number) => ({
      name,
      port: number,
      targetPort: k8s.IntOrString.fromString(target),
      protocol: 'TCP',
    });
    const object = new k8s.KubeService(this, 'service', {
      metadata: this.metadata(),
      spec: {
        type: 'ClusterIP',
        selector: { ...service.connections.podLabels },
        ports: [
          port(service.tls === true ? 'https' : 'http', 'http', service.port),
          port('metrics', 'metrics', PORTS.serverMetrics),
          port('ctrl-metrics', 'ctrl-metrics', PORTS.controllerHealth),
          port('repo-metrics', 'repo-metrics', PORTS.repositoriesHealth),
        ],
      },
    });
    atStep(object, 1);
  }

  private certificate(): void {
    const { component, props } = this;
    const { serverTls, service } = props;
    const { namespace, platform } = component;
    if (serverTls === undefined) return;
    const host = `${service.name}.${namespace.name}.svc`;
    if (serverTls === 'secret') {
      const keys = ['tls.crt', 'tls.key'];
      platform.expectSecret({
        namespace: namespace.name,
        name: SERVER_CERTIFICATE,
        keys,
        purpose: `certificate of ${host}`,
      });
      return;
    }
    makeCertificate(this, 'certificate', {
      namespace: namespace.name,
      name: SERVER_CERTIFICATE,
      labels: props.labels,
      dnsNames: [host, `${host}.${platform.clusterDomain}`],
      issuer: serverTls.issuer,
      step: 0,
    });
  }

  private rights(accountName: string): void {
    const { component, props } = this;
    const { componentName, namespace } = component;
    const credentials = () =>
      props
        .repositories()
        .filter(({ credential }) => credential !== undefined)
        .map((repository) => repositorySecretName(componentName, repository));
    this.grant(`own`, namespace, accountName, () => ownRules(credentials(), props.administrator !== undefined));
    for (const each of props.namespaces) {
      if (each === namespace) throw new Error(`namespace "${each.name}" is Argo CD's own: it deploys to others alone`);
      this.grant(each.name, each, accountName, () => deployRules(props.kinds(each)));
    }
  }

  private grant(
    id: string,
    namespace: PlatformNamespace,
    accountName: string,
    rules: () => readonly k8s.PolicyRule[],
  ): void {
    const metadata = { ...this.metadata(), namespace: namespace.name };
    const role = new k8s.KubeRole(this, `role-${id}`, { metadata, rules: lazily(() => [...rules()]) });
    new k8s.KubeRoleBinding(this, `binding-${id}`, {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role.name },
      subjects: [{ kind: 'ServiceAccount', name: accountName, namespace: this.component.namespace.name }],
    });
  }

  private metadata(): { name: string; namespace: string; labels: Record<string, string> } {
    const { componentName, namespace } = this.component;
    return { name: componentName, namespace: namespace.name, labels: { ...this.props.labels } };
  }
}
