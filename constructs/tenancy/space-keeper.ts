import { Construct } from 'constructs';
import {
  type Component,
  Connections,
  containerSecurityContext,
  contentHash,
  env,
  type ExternalHosts,
  k8s,
  lazily,
  podSecurityContext,
  resourceRequirements,
  type SpaceNames,
} from '../platform';
import { PlatformAccount } from './platform-account';
import { KEEPER_FILES, KEEPER_MANAGER, KEEPER_SCRIPT, TEMPLATE_LABEL } from './space-keeper-script';
import { type SpaceTemplate, TEMPLATE_NAMES } from './space-template';

const ROLE = 'keeper';
const SOFTWARE = 'toolbox';
const SPEC_FOLDER = '/etc/spaces';
const STATE_FOLDER = '/tmp';
/** User of the image. */
const UID = 65532;
/** Seconds between two looks for new spaces: what a person who logs in for the first time waits at most. */
const INTERVAL_SECONDS = 5;
/** Seconds after which everything is written anew, whoever changed it. */
const FULL_INTERVAL_SECONDS = 600;

export interface SpaceKeeperProps {
  readonly names: SpaceNames;
  /** Asked for at synthesis. */
  readonly user: () => SpaceTemplate;
  /** Asked for at synthesis. */
  readonly project: () => SpaceTemplate;
  /** Where the API server is. @default - every address, ports 443 and 6443 */
  readonly apiServer?: ExternalHosts & { readonly ports?: readonly number[] };
}

/**
 * The Pod that writes the guards of people's spaces into the namespaces that Onyxia makes. Its account may write the four kinds of a
 * template, by their names, and nothing else; an admission policy keeps it inside people's spaces.
 */
export class SpaceKeeper extends Construct {
  readonly account: PlatformAccount;

  constructor(
    private readonly component: Component,
    id: string,
    private readonly props: SpaceKeeperProps,
  ) {
    super(component, id);
    const { namespace, componentName, platform } = component;
    const image = platform.images.get('toolbox');
    const name = `${componentName}-${ROLE}`;
    const labels = component.labels(SOFTWARE, ROLE, image.version);
    const account = new k8s.KubeServiceAccount(this, 'account', {
      metadata: { name, namespace: namespace.name, labels },
      automountServiceAccountToken: false,
    });
    this.account = PlatformAccount.serviceAccount(account);
    this.grant(`${platform.name}-${name}`, labels, account);
    const connections = new Connections(this, 'connections', {
      namespace,
      name,
      podLabels: component.selector(SOFTWARE, ROLE),
    });
    const { cidrs, ports = [443, 6443] } = props.apiServer ?? {};
    for (const port of ports) connections.allowToExternal(cidrs === undefined ? {} : { cidrs }, port);

    new k8s.KubeConfigMap(this, 'files', {
      metadata: { name: lazily(() => this.filesName()), namespace: namespace.name, labels },
      immutable: true,
      data: lazily(() => this.files()),
    });
    new k8s.KubeDeployment(this, 'deployment', {
      metadata: {
        name,
        namespace: namespace.name,
        labels,
        annotations: {
          'bouture.dev/suppress.no-account-token':
            'It writes quotas, limits and NetworkPolicies through the API server.',
        },
      },
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: component.selector(SOFTWARE, ROLE) },
        template: { metadata: { labels }, spec: lazily(() => this.podSpec(account.name, image.reference)) },
      },
    });
  }

  private grant(name: string, labels: Record<string, string>, account: k8s.KubeServiceAccount): void {
    const kinds: readonly [string, string, readonly string[]][] = [
      ['networking.k8s.io', 'networkpolicies', TEMPLATE_NAMES.NetworkPolicy],
      ['', 'resourcequotas', TEMPLATE_NAMES.ResourceQuota],
      ['', 'limitranges', TEMPLATE_NAMES.LimitRange],
      ['', 'serviceaccounts', TEMPLATE_NAMES.ServiceAccount],
    ];
    const role = new k8s.KubeClusterRole(this, 'role', {
      metadata: { name, labels },
      rules: [
        { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'list'] },
        ...kinds.flatMap(([group, resource, names]) => [
          { apiGroups: [group], resources: [resource], verbs: ['list', 'create'] },
          { apiGroups: [group], resources: [resource], resourceNames: [...names], verbs: ['get', 'patch'] },
        ]),
      ],
    });
    new k8s.KubeClusterRoleBinding(this, 'binding', {
      metadata: { name, labels },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role.name },
      subjects: [{ kind: 'ServiceAccount', name: account.name, namespace: this.component.namespace.name }],
    });
  }

  private filesName(): string {
    return `${this.component.componentName}-${ROLE}-${contentHash(this.files())}`;
  }

  private files(): Record<string, string> {
    const text = (template: SpaceTemplate) => `${JSON.stringify(template.list, undefined, 1)}\n`;
    return {
      [KEEPER_FILES.script]: KEEPER_SCRIPT,
      [KEEPER_FILES.user]: text(this.props.user()),
      [KEEPER_FILES.project]: text(this.props.project()),
    };
  }

  private podSpec(serviceAccountName: string, image: string): k8s.PodSpec {
    const { names, user } = this.props;
    const { version, list } = user();
    const fresh = (file: string, minutes: number): k8s.Probe => ({
      exec: { command: ['sh', '-c', `test -n "$(find ${STATE_FOLDER}/${file} -mmin -${minutes})"`] },
      periodSeconds: 30,
      timeoutSeconds: 5,
    });
    return {
      serviceAccountName,
      automountServiceAccountToken: true,
      enableServiceLinks: false,
      securityContext: podSecurityContext(UID),
      containers: [
        {
          name: ROLE,
          image,
          imagePullPolicy: 'IfNotPresent',
          command: ['bash', `${SPEC_FOLDER}/${KEEPER_FILES.script}`],
          env: [
            env('SPEC', SPEC_FOLDER),
            env('STATE', STATE_FOLDER),
            env('HOME', STATE_FOLDER),
            env('USER_PREFIX', names.userPrefix),
            env('PROJECT_PREFIX', names.projectPrefix),
            env('LABEL', TEMPLATE_LABEL),
            env('TEMPLATE', version),
            env('OBJECTS', String(list.items.length)),
            env('MANAGER', KEEPER_MANAGER),
            env('INTERVAL', String(INTERVAL_SECONDS)),
            env('FULL_INTERVAL', String(FULL_INTERVAL_SECONDS)),
          ],
          // A round that went wrong makes it unready, which people see; only one that hangs starts it anew.
          readinessProbe: { ...fresh('ready', 2), initialDelaySeconds: 5, periodSeconds: 10 },
          livenessProbe: { ...fresh('alive', 15), initialDelaySeconds: 60 },
          securityContext: containerSecurityContext(),
          resources: resourceRequirements({
            cpu: { request: '20m', limit: '1' },
            memory: { request: '64Mi', limit: '256Mi' },
          }),
          volumeMounts: [
            { name: 'files', mountPath: SPEC_FOLDER, readOnly: true },
            { name: 'state', mountPath: STATE_FOLDER },
          ],
        },
      ],
      volumes: [
        { name: 'files', configMap: { name: this.filesName() } },
        { name: 'state', emptyDir: { sizeLimit: k8s.Quantity.fromString('64Mi') } },
      ],
    };
  }
}
