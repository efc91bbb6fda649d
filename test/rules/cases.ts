import type { Profile } from '../../constructs';
import type { Fixture } from './fixture';

/** One way to break a rule, or to come near to breaking it. */
export interface Case {
  readonly title: string;
  readonly spoil: (fixture: Fixture) => unknown;
  /** Objects and fields that the rule must name; none where the change is allowed. */
  readonly finds: readonly string[];
  readonly profile?: Profile;
}

const SERVER = 'Deployment/server';
const POD = 'spec|template|spec';
const FIRST = `${POD}|containers|0`;
const at = (field: string) => `Deployment demo-web/server: spec.template.spec.${field}`;
const inFirst = (field: string) => at(`containers[server].${field}`);

const set =
  (path: string, value: unknown, object = SERVER) =>
  (fixture: Fixture) =>
    fixture.set(object, path, value);

/** Changes one field of the server's Pods and names the field that the rule finds. */
const pod = (title: string, path: string, value: unknown, ...fields: string[]): Case => ({
  title,
  spoil: set(`${POD}|${path}`, value),
  finds: fields.map(at),
});

/** Changes one field of the server's container. */
const first = (title: string, path: string, value: unknown, ...fields: string[]): Case => ({
  title,
  spoil: set(`${FIRST}|${path}`, value),
  finds: fields.map(inFirst),
});

const object = (title: string, name: string, path: string, value: unknown, ...finds: string[]): Case => ({
  title,
  spoil: set(path, value, name),
  finds,
});

const env = (title: string, name: string, value: string, refused: boolean): Case =>
  first(title, 'env', [{ name, value }], ...(refused ? [`env[${name}].value`] : []));

const config = (title: string, file: string, content: string, refused: boolean): Case => ({
  title,
  spoil: set('data', { [file]: content, mode: 'fast' }, 'ConfigMap/server'),
  finds: refused ? [`ConfigMap demo-web/server: data${file.includes('.') ? `["${file}"]` : `.${file}`}`] : [],
});

/** Adds a workflow of Argo. */
const workflow = (title: string, kind: string, spec: object, ...finds: string[]): Case => ({
  title,
  spoil: (fixture) =>
    fixture.add({ apiVersion: 'argoproj.io/v1alpha1', kind, metadata: { name: 'flow', namespace: 'demo-web' }, spec }),
  finds,
});

const DIGEST = `sha256:${'a'.repeat(64)}`;

/** By rule: the ways to break it, and the near misses that it lets pass. */
export const CASES: Readonly<Record<string, readonly Case[]>> = {
  'non-root': [
    workflow(
      'a workflow of Argo runs as user 0',
      'Workflow',
      { securityContext: { runAsUser: 0, runAsNonRoot: true }, templates: [{ name: 'main', container: {} }] },
      'Workflow demo-web/flow: spec.securityContext.runAsUser',
    ),
    pod('the Pod runs as user 0', 'securityContext|runAsUser', 0, 'securityContext.runAsUser'),
    first('a container runs as user 0', 'securityContext|runAsUser', 0, 'securityContext.runAsUser'),
    first('a container may run as root', 'securityContext|runAsNonRoot', false, 'securityContext.runAsNonRoot'),
    first('a container inherits runAsNonRoot from its Pod', 'securityContext|runAsNonRoot', undefined),
    pod(
      'an init container may run as root',
      'initContainers|0|securityContext|runAsNonRoot',
      false,
      'initContainers[prepare].securityContext.runAsNonRoot',
    ),
  ],
  'no-privilege-escalation': [
    first(
      'escalation is allowed',
      'securityContext|allowPrivilegeEscalation',
      true,
      'securityContext.allowPrivilegeEscalation',
    ),
    first(
      'escalation is left open',
      'securityContext|allowPrivilegeEscalation',
      undefined,
      'securityContext.allowPrivilegeEscalation',
    ),
    first('privileged', 'securityContext|privileged', true, 'securityContext.privileged'),
    first('privileged is left out', 'securityContext|privileged', undefined),
  ],
  'drop-capabilities': [
    first('nothing is dropped', 'securityContext|capabilities', undefined, 'securityContext.capabilities.drop'),
    first('one is dropped', 'securityContext|capabilities|drop', ['NET_RAW'], 'securityContext.capabilities.drop'),
    first('one is added', 'securityContext|capabilities|add', ['SYS_ADMIN'], 'securityContext.capabilities.add[0]'),
    first('the harmless one is added', 'securityContext|capabilities|add', ['NET_BIND_SERVICE']),
  ],
  'seccomp-profile': [
    {
      title: 'neither the Pod nor its containers have one',
      spoil: set(`${POD}|securityContext|seccompProfile`, undefined),
      finds: [at('securityContext.seccompProfile.type'), at('securityContext.seccompProfile.type')],
    },
    first(
      'a container is unconfined',
      'securityContext|seccompProfile',
      { type: 'Unconfined' },
      'securityContext.seccompProfile.type',
    ),
    first('a container has its own', 'securityContext|seccompProfile', {
      type: 'Localhost',
      localhostProfile: 'own.json',
    }),
  ],
  'no-host-access': [
    pod('the host’s network', 'hostNetwork', true, 'hostNetwork'),
    pod('the host’s processes', 'hostPID', true, 'hostPID'),
    pod('the host’s IPC', 'hostIPC', true, 'hostIPC'),
    pod('said to be off', 'hostNetwork', false),
    first('a port of the host', 'ports|0|hostPort', 80, 'ports[http].hostPort'),
    first('host port 0, which is none', 'ports|0|hostPort', 0),
  ],
  'no-host-path': [
    pod('a hostPath', 'volumes|1', { name: 'scratch', hostPath: { path: '/' } }, 'volumes[scratch].hostPath'),
    pod('NFS', 'volumes|1', { name: 'scratch', nfs: { server: 'a', path: '/' } }, 'volumes[scratch].nfs'),
    pod('a claim', 'volumes|1', { name: 'scratch', persistentVolumeClaim: { claimName: 'a' } }),
  ],
  'no-kernel-settings': [
    pod(
      'an unsafe sysctl',
      'securityContext|sysctls',
      [{ name: 'kernel.msgmax', value: '1' }],
      'securityContext.sysctls[kernel.msgmax]',
    ),
    pod('a safe sysctl', 'securityContext|sysctls', [{ name: 'net.ipv4.tcp_syncookies', value: '1' }]),
    first(
      'an SELinux type',
      'securityContext|seLinuxOptions',
      { type: 'spc_t' },
      'securityContext.seLinuxOptions.type',
    ),
    first(
      'an SELinux user',
      'securityContext|seLinuxOptions',
      { user: 'system_u' },
      'securityContext.seLinuxOptions.user',
    ),
    first(
      'an SELinux role',
      'securityContext|seLinuxOptions',
      { role: 'sysadm_r' },
      'securityContext.seLinuxOptions.role',
    ),
    first('an allowed SELinux type', 'securityContext|seLinuxOptions', { type: 'container_t' }),
    first(
      'no AppArmor',
      'securityContext|appArmorProfile',
      { type: 'Unconfined' },
      'securityContext.appArmorProfile.type',
    ),
    first('an unmasked /proc', 'securityContext|procMount', 'Unmasked', 'securityContext.procMount'),
    pod(
      'a Windows host process',
      'securityContext|windowsOptions',
      { hostProcess: true },
      'securityContext.windowsOptions.hostProcess',
    ),
  ],
  'read-only-root': [
    first('writable', 'securityContext|readOnlyRootFilesystem', false, 'securityContext.readOnlyRootFilesystem'),
    first('not said', 'securityContext|readOnlyRootFilesystem', undefined, 'securityContext.readOnlyRootFilesystem'),
  ],
  'no-account-token': [
    pod('a Pod mounts it', 'automountServiceAccountToken', true, 'automountServiceAccountToken'),
    pod('a Pod says nothing', 'automountServiceAccountToken', undefined, 'automountServiceAccountToken'),
    object(
      'an account gives it',
      'ServiceAccount/server',
      'automountServiceAccountToken',
      undefined,
      'ServiceAccount demo-web/server: automountServiceAccountToken',
    ),
  ],
  'resource-limits': [
    first('no limit of memory', 'resources|limits|memory', undefined, 'resources.limits.memory'),
    first('no request of cpu', 'resources|requests|cpu', undefined, 'resources.requests.cpu'),
    first('not a quantity', 'resources|limits|memory', '1GB', 'resources.limits.memory'),
    first('a request above its limit', 'resources|requests|memory', '1Gi', 'resources.requests.memory'),
    first('a request equal to its limit', 'resources|requests|memory', '131072Ki'),
    first('a CPU limit as a number', 'resources|limits|cpu', 1),
  ],
  probes: [
    first('no readiness', 'readinessProbe', undefined, 'readinessProbe'),
    first('no liveness', 'livenessProbe', undefined, 'livenessProbe'),
    pod(
      'a sidecar has none',
      'initContainers|0|restartPolicy',
      'Always',
      'initContainers[prepare].livenessProbe',
      'initContainers[prepare].readinessProbe',
    ),
  ],
  'bounded-job': [
    object('a Job without deadline', 'Job/migrate', 'spec|activeDeadlineSeconds', undefined),
    object(
      'a Job without limit',
      'Job/migrate',
      'spec|backoffLimit',
      undefined,
      'Job demo-web/migrate: spec.backoffLimit',
    ),
    object('a Job that never retries', 'Job/migrate', 'spec|backoffLimit', 0),
    object(
      'a CronJob that overlaps',
      'CronJob/clean',
      'spec|concurrencyPolicy',
      undefined,
      'CronJob demo-web/clean: spec.concurrencyPolicy',
    ),
    object(
      'a CronJob without deadline',
      'CronJob/clean',
      'spec|jobTemplate|spec|activeDeadlineSeconds',
      undefined,
      'CronJob demo-web/clean: spec.jobTemplate.spec.activeDeadlineSeconds',
    ),
    workflow(
      'a workflow of Argo without deadline',
      'Workflow',
      {},
      'Workflow demo-web/flow: spec.activeDeadlineSeconds',
    ),
    workflow('a workflow of Argo with one', 'WorkflowTemplate', { activeDeadlineSeconds: 60 }),
    workflow(
      'a workflow of Argo by the clock that overlaps',
      'CronWorkflow',
      { concurrencyPolicy: 'Allow', workflowSpec: {} },
      'CronWorkflow demo-web/flow: spec.concurrencyPolicy',
      'CronWorkflow demo-web/flow: spec.workflowSpec.activeDeadlineSeconds',
    ),
  ],
  'kept-volumes': [
    object(
      'volumes go with the set',
      'StatefulSet/store',
      'spec|persistentVolumeClaimRetentionPolicy',
      { whenDeleted: 'Delete', whenScaled: 'Retain' },
      'StatefulSet demo-db/store: spec.persistentVolumeClaimRetentionPolicy.whenDeleted',
    ),
    object('volumes stay', 'StatefulSet/store', 'spec|persistentVolumeClaimRetentionPolicy', { whenDeleted: 'Retain' }),
  ],
  'selector-matches-template': [
    object(
      'other labels',
      SERVER,
      'spec|selector|matchLabels|app.kubernetes.io/name',
      'other',
      'Deployment demo-web/server: spec.selector',
    ),
    object('an empty selector', SERVER, 'spec|selector', {}, 'Deployment demo-web/server: spec.selector'),
    {
      title: 'a version in the selector',
      spoil: (fixture) =>
        fixture
          .set(SERVER, 'spec|selector|matchLabels|app.kubernetes.io/version', '1')
          .set(SERVER, 'spec|template|metadata|labels|app.kubernetes.io/version', '1'),
      finds: ['Deployment demo-web/server: spec.selector.matchLabels["app.kubernetes.io/version"]'],
    },
    object('an expression that matches', SERVER, 'spec|selector|matchExpressions', [
      { key: 'app.kubernetes.io/name', operator: 'In', values: ['web', 'other'] },
    ]),
    object(
      'an expression that does not match',
      SERVER,
      'spec|selector|matchExpressions',
      [{ key: 'app.kubernetes.io/name', operator: 'NotIn', values: ['web'] }],
      'Deployment demo-web/server: spec.selector',
    ),
  ],
  'selectors-are-apart': [
    {
      title: 'two Deployments with the same labels',
      spoil: (fixture) => fixture.add(SERVER),
      finds: ['Deployment demo-web/copy: spec.selector', 'Deployment demo-web/server: spec.selector'],
    },
    {
      title: 'the same labels in two namespaces',
      spoil: (fixture) => fixture.add(SERVER).set('Deployment/copy', 'metadata|namespace', 'demo-db'),
      finds: [],
    },
  ],
  'no-latest-tag': [
    first('latest', 'image', 'registry.example.org/web:latest', 'image'),
    first('no tag', 'image', 'registry.example.org:5000/web', 'image'),
    first('not a reference', 'image', 'https://registry.example.org/web:1', 'image'),
    first('a digest alone', 'image', `registry.example.org/web@${DIGEST}`),
    first('a registry with a port', 'image', 'registry.example.org:5000/team/web:1.0'),
  ],
  'no-vanished-image': [
    first('Bitnami', 'image', 'docker.io/bitnami/postgresql:16', 'image'),
    first('Bitnami’s archive', 'image', 'bitnamilegacy/postgresql:16', 'image'),
    first('Bitnami through a mirror', 'image', 'registry.example.org/bitnami/postgresql:16', 'image'),
    first('MinIO on Docker Hub', 'image', 'minio/minio:1', 'image'),
    first('MinIO of one’s own', 'image', 'registry.example.org/minio/minio:1'),
    first('a name that only resembles', 'image', 'registry.example.org/notbitnami/web:1'),
  ],
  'image-digest': [
    {
      title: 'production without digest',
      spoil: () => undefined,
      profile: 'production',
      finds: [
        'CronJob demo-web/clean: spec.jobTemplate.spec.template.spec.containers[clean].image',
        inFirst('image'),
        at('initContainers[prepare].image'),
        'Job demo-web/migrate: spec.template.spec.containers[migrate].image',
        'StatefulSet demo-db/store: spec.template.spec.containers[store].image',
      ],
    },
    { title: 'a pilot without digest', spoil: () => undefined, finds: [] },
  ],
  'pull-policy': [
    first('Always', 'imagePullPolicy', 'Always', 'imagePullPolicy'),
    first('not given', 'imagePullPolicy', undefined, 'imagePullPolicy'),
  ],
  'default-deny': [
    {
      title: 'no policy at all',
      spoil: (fixture) => fixture.remove('NetworkPolicy/default-deny'),
      finds: ['Namespace demo-db: metadata.name'],
    },
    object(
      'one direction only',
      'NetworkPolicy/default-deny',
      'spec|policyTypes',
      ['Ingress'],
      'Namespace demo-db: metadata.name',
    ),
    object('with a hole in it', 'NetworkPolicy/default-deny', 'spec|egress', [{}], 'Namespace demo-db: metadata.name'),
    object(
      'for some Pods only',
      'NetworkPolicy/default-deny',
      'spec|podSelector|matchLabels',
      { 'app.kubernetes.io/name': 'web' },
      'Namespace demo-db: metadata.name',
    ),
  ],
  'holes-have-twins': [
    object(
      'the called side is closed',
      'NetworkPolicy/store',
      'spec|ingress',
      [],
      'NetworkPolicy demo-web/server: spec.egress[0].to[0]',
    ),
    object(
      'the calling side is closed',
      'NetworkPolicy/server',
      'spec|egress',
      [],
      'NetworkPolicy demo-db/store: spec.ingress[0].from[0]',
    ),
    object(
      'the two sides name different ports',
      'NetworkPolicy/store',
      'spec|ingress|0|ports|0|port',
      5433,
      'NetworkPolicy demo-db/store: spec.ingress[0].from[0]',
      'NetworkPolicy demo-web/server: spec.egress[0].to[0]',
    ),
    object('one side names the port', 'NetworkPolicy/store', 'spec|ingress|0|ports|0|port', 'sql'),
    object(
      'the called side opens every port',
      'NetworkPolicy/store',
      'spec|ingress|0|ports',
      [],
      'NetworkPolicy demo-db/store: spec.ingress[0].from[0]',
    ),
    object('a hole to Pods of others', 'NetworkPolicy/server', 'spec|egress|1', {
      to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'elsewhere' } } }],
      ports: [{ port: 80 }],
    }),
  ],
  'holes-lead-somewhere': [
    object(
      'a policy for no Pod',
      'NetworkPolicy/server',
      'spec|podSelector|matchLabels|app.kubernetes.io/name',
      'other',
      'NetworkPolicy demo-web/server: spec.podSelector',
    ),
    object(
      'a hole to no Pod',
      'NetworkPolicy/server',
      'spec|egress|0|to|0|podSelector|matchLabels|app.kubernetes.io/name',
      'other',
      'NetworkPolicy demo-web/server: spec.egress[0].to[0]',
    ),
  ],
  'no-metadata-service': [
    object(
      'every address',
      'NetworkPolicy/server',
      'spec|egress|1',
      { to: [{ ipBlock: { cidr: '0.0.0.0/0' } }] },
      'NetworkPolicy demo-web/server: spec.egress[1].to[0].ipBlock',
    ),
    object(
      'its own network',
      'NetworkPolicy/server',
      'spec|egress|1',
      { to: [{ ipBlock: { cidr: '169.254.0.0/16' } }] },
      'NetworkPolicy demo-web/server: spec.egress[1].to[0].ipBlock',
    ),
    object(
      'a rule without peers',
      'NetworkPolicy/server',
      'spec|egress|1',
      { ports: [{ port: 443 }] },
      'NetworkPolicy demo-web/server: spec.egress[1].to',
    ),
    object('every address but that one', 'NetworkPolicy/server', 'spec|egress|1', {
      to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }],
    }),
    object('a private network', 'NetworkPolicy/server', 'spec|egress|1', { to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }),
  ],
  'cluster-ip-services': [
    object('NodePort', 'Service/server', 'spec|type', 'NodePort', 'Service demo-web/server: spec.type'),
    object('LoadBalancer', 'Service/server', 'spec|type', 'LoadBalancer', 'Service demo-web/server: spec.type'),
    object(
      'ExternalName',
      'Service/server',
      'spec|externalName',
      'a.example.org',
      'Service demo-web/server: spec.externalName',
    ),
    object(
      'externalIPs',
      'Service/server',
      'spec|externalIPs',
      ['192.0.2.1'],
      'Service demo-web/server: spec.externalIPs',
    ),
    object('ClusterIP', 'Service/server', 'spec|type', 'ClusterIP'),
  ],
  'service-selects-pods': [
    object(
      'no such Pod',
      'Service/server',
      'spec|selector|app.kubernetes.io/name',
      'other',
      'Service demo-web/server: spec.selector',
    ),
    object(
      'no such port',
      'Service/server',
      'spec|ports|0|targetPort',
      9999,
      'Service demo-web/server: spec.ports[http].targetPort',
    ),
    object(
      'no such port name',
      'Service/server',
      'spec|ports|0|targetPort',
      'grpc',
      'Service demo-web/server: spec.ports[http].targetPort',
    ),
    object('the port by its name', 'Service/server', 'spec|ports|0|targetPort', 'http'),
    object('no selector', 'Service/server', 'spec|selector', undefined, 'Service demo-web/server: spec.selector'),
    {
      title: 'no selector, but an EndpointSlice',
      spoil: (fixture) =>
        fixture.set('Service/server', 'spec|selector', undefined).add({
          apiVersion: 'discovery.k8s.io/v1',
          kind: 'EndpointSlice',
          metadata: { name: 'a', namespace: 'demo-web', labels: { 'kubernetes.io/service-name': 'server' } },
        }),
      finds: [],
    },
    object(
      'a StatefulSet without its Service',
      'StatefulSet/store',
      'spec|serviceName',
      'none',
      'StatefulSet demo-db/store: spec.serviceName',
    ),
    object(
      'a budget for no Pod',
      'PodDisruptionBudget/store',
      'spec|selector|matchLabels|app.kubernetes.io/name',
      'other',
      'PodDisruptionBudget demo-db/store: spec.selector',
    ),
  ],
  'no-snippets': [
    object(
      'a configuration snippet',
      'Ingress/server',
      'metadata|annotations|nginx.ingress.kubernetes.io/configuration-snippet',
      'return 200;',
      'Ingress demo-web/server: metadata.annotations["nginx.ingress.kubernetes.io/configuration-snippet"]',
    ),
    object(
      'a snippet of the other controller',
      'Ingress/server',
      'metadata|annotations|nginx.org/server-snippets',
      'return 200;',
      'Ingress demo-web/server: metadata.annotations["nginx.org/server-snippets"]',
    ),
    object(
      'an annotation that is no snippet',
      'Ingress/server',
      'metadata|annotations|nginx.ingress.kubernetes.io/proxy-body-size',
      '0',
    ),
  ],
  'encrypted-exposure': [
    {
      title: 'a host without TLS, in production',
      spoil: set('spec|tls', [{ hosts: ['other.example.org'] }], 'Ingress/server'),
      profile: 'production',
      finds: ['Ingress demo-web/server: spec.rules[0].host'],
    },
    {
      title: 'a listener without TLS, in production',
      spoil: set('spec|listeners|0|protocol', 'HTTP', 'Gateway/gateway'),
      profile: 'production',
      finds: ['Gateway demo-web/gateway: spec.listeners[https].protocol'],
    },
    { title: 'a host without TLS, in a pilot', spoil: set('spec|tls', undefined, 'Ingress/server'), finds: [] },
  ],
  'hosts-are-unique': [
    {
      title: 'two Ingresses',
      spoil: (fixture) => fixture.add('Ingress/server'),
      finds: ['Ingress demo-web/copy: spec.rules[0].http.paths[0].path'],
    },
    {
      title: 'two routes',
      spoil: (fixture) => fixture.add('HTTPRoute/server'),
      finds: ['HTTPRoute demo-web/copy: spec.rules[0].matches[0]'],
    },
    {
      title: 'two routes at two listeners',
      spoil: (fixture) =>
        fixture.add('HTTPRoute/server').set('HTTPRoute/copy', 'spec|parentRefs|0|sectionName', 'http'),
      finds: [],
    },
  ],
  'disruption-budget-lets-drain': [
    object(
      'none may go',
      'PodDisruptionBudget/store',
      'spec|maxUnavailable',
      0,
      'PodDisruptionBudget demo-db/store: spec.maxUnavailable',
    ),
    object(
      'none may go, in per cent',
      'PodDisruptionBudget/store',
      'spec|maxUnavailable',
      '0%',
      'PodDisruptionBudget demo-db/store: spec.maxUnavailable',
    ),
    {
      title: 'all must stay',
      spoil: (fixture) =>
        fixture
          .set('PodDisruptionBudget/store', 'spec|maxUnavailable', undefined)
          .set('PodDisruptionBudget/store', 'spec|minAvailable', 2),
      finds: ['PodDisruptionBudget demo-db/store: spec.minAvailable'],
    },
    {
      title: 'more than half must stay, which is both of two',
      spoil: (fixture) =>
        fixture
          .set('PodDisruptionBudget/store', 'spec|maxUnavailable', undefined)
          .set('PodDisruptionBudget/store', 'spec|minAvailable', '51%'),
      finds: ['PodDisruptionBudget demo-db/store: spec.minAvailable'],
    },
    {
      title: 'one of two must stay',
      spoil: (fixture) =>
        fixture
          .set('PodDisruptionBudget/store', 'spec|maxUnavailable', undefined)
          .set('PodDisruptionBudget/store', 'spec|minAvailable', 1),
      finds: [],
    },
    object(
      'a broken Pod may not go',
      'PodDisruptionBudget/store',
      'spec|unhealthyPodEvictionPolicy',
      undefined,
      'PodDisruptionBudget demo-db/store: spec.unhealthyPodEvictionPolicy',
    ),
  ],
  'no-rbac-wildcard': [
    object('every verb', 'Role/server', 'rules|0|verbs', ['*'], 'Role demo-web/server: rules[0].verbs[0]'),
    object('every resource', 'Role/server', 'rules|0|resources', ['*'], 'Role demo-web/server: rules[0].resources[0]'),
    object(
      'every subresource',
      'Role/server',
      'rules|0|resources',
      ['pods/*'],
      'Role demo-web/server: rules[0].resources[0]',
    ),
    object('every group', 'Role/server', 'rules|0|apiGroups', ['', '*'], 'Role demo-web/server: rules[0].apiGroups[1]'),
  ],
  'no-rbac-escalation': [
    object('impersonate', 'Role/server', 'rules|0|verbs', ['impersonate'], 'Role demo-web/server: rules[0].verbs[0]'),
    object('bind', 'Role/server', 'rules|0|verbs', ['bind'], 'Role demo-web/server: rules[0].verbs[0]'),
    object(
      'tokens of others',
      'Role/server',
      'rules|0',
      { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] },
      'Role demo-web/server: rules[0].resources[0]',
    ),
    object(
      'the kubelet’s own interface',
      'Role/server',
      'rules|0|resources',
      ['nodes/proxy'],
      'Role demo-web/server: rules[0].resources[0]',
    ),
    {
      title: 'every Secret of the cluster',
      spoil: (fixture) =>
        fixture.add({
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRole',
          metadata: { name: 'reader' },
          rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }],
        }),
      finds: ['ClusterRole reader: rules[0].resources[0]'],
    },
  ],
  'no-admin-binding': [
    object(
      'cluster-admin',
      'RoleBinding/server',
      'roleRef|name',
      'cluster-admin',
      'RoleBinding demo-web/server: roleRef.name',
    ),
    object('admin', 'RoleBinding/server', 'roleRef|name', 'admin', 'RoleBinding demo-web/server: roleRef.name'),
    object(
      'everyone',
      'RoleBinding/server',
      'subjects|1',
      { kind: 'Group', name: 'system:authenticated' },
      'RoleBinding demo-web/server: subjects[system:authenticated].name',
    ),
    object(
      'the group that passes every check',
      'RoleBinding/server',
      'subjects|1',
      { kind: 'Group', name: 'system:masters' },
      'RoleBinding demo-web/server: subjects[system:masters].name',
    ),
    object('view', 'RoleBinding/server', 'roleRef|name', 'view'),
  ],
  'no-plain-secret': [
    env('a password', 'DB_PASSWORD', 'hunter2hunter2', true),
    env('a secret key', 'AWS_SECRET_ACCESS_KEY', 'abcdefgh', true),
    env('a URL with a password', 'DATABASE', 'postgres://web:hunter2@store/web', true),
    env('a private key', 'CERT', '-----BEGIN RSA PRIVATE KEY-----', true),
    env('an encryption of passwords', 'password_encryption', 'scram-sha-256', false),
    env('a numbered password', 'password_1', 'hunter2', true),
    env('a URL with a reference', 'DATABASE', 'postgres://web:$(PASSWORD)@store/web', false),
    env('where a password is', 'DB_PASSWORD_FILE', '/run/secrets/db', false),
    env('where tokens come from', 'TOKEN_URL', 'https://id.example.org/token', false),
    env('a reference', 'DB_PASSWORD', '$(OTHER)', false),
    env('a switch', 'ENABLE_TOKENS', 'true', false),
    first('an argument', 'args', ['--password=hunter2'], 'args[0]'),
    first('an argument by reference', 'args', ['--password=$(PASSWORD)', '--secret-file=/run/a']),
    config('a setting', 'app.ini', 'port = 1\ndb_password = hunter2\n', true),
    config('a setting in YAML', 'app.yaml', 'db:\n  password: "hunter2"\n', true),
    config('a setting in JSON', 'app.json', '{\n  "password": "hunter2",\n  "port": 1\n}\n', true),
    config('where a secret is, in JSON', 'app.json', '{\n  "password": {\n    "env": "DB_PASSWORD"\n  }\n}\n', false),
    config('a switch in JSON', 'app.json', '{\n  "storeToken": false,\n  "port": 1\n}\n', false),
    config('a setting by reference', 'app.ini', 'db_password = ${DB_PASSWORD}\ntoken_ttl = 3600s\n', false),
    config('a literal in a script', 'run.sh', '#!/bin/sh\nexport PGPASSWORD="hunter2"\n', true),
    config('a reference in a script', 'run.sh', '#!/bin/sh\nPGPASSWORD="$(cat /run/a)"\ntoken=$1\n', false),
    config('a variable in a program', 'app.py', 'token = request.token\n', false),
    config('a whole value', 'password', 'hunter2', true),
  ],
  'no-secret-in-files': [
    {
      title: 'a Secret with values',
      spoil: (fixture) =>
        fixture.add({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'a', namespace: 'demo-web' },
          data: { password: 'aHVudGVyMg==' },
        }),
      finds: ['Secret demo-web/a: data'],
    },
    {
      title: 'a Secret that someone else fills',
      spoil: (fixture) =>
        fixture.add({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'a', namespace: 'demo-web' },
          type: 'Opaque',
        }),
      finds: [],
    },
  ],
  'explicit-name': [
    object('no name', 'Role/server', 'metadata|name', undefined, 'Role demo-web/: metadata.name'),
    object('capitals', 'Role/server', 'metadata|name', 'Server', 'Role demo-web/Server: metadata.name'),
    object(
      'a generated name',
      'Role/server',
      'metadata|generateName',
      'server-',
      'Role demo-web/server: metadata.generateName',
    ),
  ],
  'explicit-namespace': [
    object('none', 'Role/server', 'metadata|namespace', undefined, 'Role server: metadata.namespace'),
    object(
      'one that nobody makes',
      'Role/server',
      'metadata|namespace',
      'other',
      'Role other/server: metadata.namespace',
    ),
    object(
      'a Namespace in a namespace',
      'Namespace/demo-web',
      'metadata|namespace',
      'demo-web',
      'Namespace demo-web/demo-web: metadata.namespace',
    ),
  ],
  'namespace-guards': [
    object(
      'a privileged namespace',
      'Namespace/demo-web',
      'metadata|labels|pod-security.kubernetes.io/enforce',
      'privileged',
      'Namespace demo-web: metadata.labels["pod-security.kubernetes.io/enforce"]',
    ),
    object(
      'a tenant’s namespace',
      'Namespace/demo-web',
      'metadata|labels|pod-security.kubernetes.io/enforce',
      'baseline',
    ),
    {
      title: 'no quota',
      spoil: (fixture) => fixture.remove('ResourceQuota/platform'),
      finds: ['Namespace demo-db: metadata.name'],
    },
    {
      title: 'no default limits',
      spoil: (fixture) => fixture.remove('LimitRange/platform'),
      finds: ['Namespace demo-db: metadata.name'],
    },
  ],
  'no-leaked-placeholder': [
    first('undefined', 'args', ['http://undefined:9000'], 'args[0]'),
    first('an object', 'args', ['--size=[object Object]'], 'args[0]'),
    first('not a number', 'args', ['--port=NaN'], 'args[0]'),
    first('a token of cdk8s', 'args', ['${Token[TOKEN.1]}'], 'args[0]'),
    first('a word that contains it', 'args', ['--undefinedness=NaNo']),
    config('prose in a file', 'app.ini', '# undefined behaviour\nport = 1\n', false),
  ],
  'recommended-labels': [
    object(
      'no owner',
      'Role/server',
      'metadata|labels|app.kubernetes.io/managed-by',
      undefined,
      'Role demo-web/server: metadata.labels["app.kubernetes.io/managed-by"]',
    ),
    object(
      'no labels',
      'Role/server',
      'metadata|labels',
      undefined,
      'Role demo-web/server: metadata.labels["app.kubernetes.io/managed-by"]',
      'Role demo-web/server: metadata.labels["app.kubernetes.io/part-of"]',
    ),
    object('not a label', 'Role/server', 'metadata|labels|owner', 'a b', 'Role demo-web/server: metadata.labels.owner'),
    object(
      'a Pod without component',
      SERVER,
      'spec|template|metadata|labels|app.kubernetes.io/component',
      undefined,
      'Deployment demo-web/server: spec.template.metadata.labels["app.kubernetes.io/component"]',
    ),
  ],
  'stable-api': [
    object('beta', 'CronJob/clean', 'apiVersion', 'batch/v1beta1', 'CronJob demo-web/clean: apiVersion'),
    object(
      'alpha',
      'HTTPRoute/server',
      'apiVersion',
      'gateway.networking.k8s.io/v1alpha2',
      'HTTPRoute demo-web/server: apiVersion',
    ),
    object('version 2', 'CronJob/clean', 'apiVersion', 'batch/v2'),
  ],
  'reference-exists': [
    object(
      'a mount without volume',
      SERVER,
      `${FIRST}|volumeMounts|0|name`,
      'none',
      inFirst('volumeMounts[none].name'),
    ),
    pod('a volume without ConfigMap', 'volumes|0|configMap|name', 'none', 'volumes[config].configMap.name'),
    pod(
      'a volume without claim',
      'volumes|1',
      { name: 'scratch', persistentVolumeClaim: { claimName: 'none' } },
      'volumes[scratch].persistentVolumeClaim.claimName',
    ),
    pod('an account that nobody makes', 'serviceAccountName', 'none', 'serviceAccountName'),
    pod('a priority that nobody makes', 'priorityClassName', 'none', 'priorityClassName'),
    pod('a priority of the cluster', 'priorityClassName', 'system-cluster-critical'),
    first(
      'a key that the ConfigMap lacks',
      'env|2|valueFrom|configMapKeyRef|key',
      'none',
      'env[MODE].valueFrom.configMapKeyRef.key',
    ),
    first('variables of no ConfigMap', 'envFrom', [{ configMapRef: { name: 'none' } }], 'envFrom[0].configMapRef.name'),
    object(
      'a binding without role',
      'RoleBinding/server',
      'roleRef|name',
      'none',
      'RoleBinding demo-web/server: roleRef.name',
    ),
    object('a binding of a built-in role', 'RoleBinding/server', 'roleRef', { kind: 'ClusterRole', name: 'view' }),
    object(
      'a binding without account',
      'RoleBinding/server',
      'subjects|0|name',
      'none',
      'RoleBinding demo-web/server: subjects[none].name',
    ),
    object(
      'an Ingress without Service',
      'Ingress/server',
      'spec|rules|0|http|paths|0|backend|service|name',
      'none',
      'Ingress demo-web/server: spec.rules[0].http.paths[0].backend.service.name',
    ),
    object(
      'an Ingress to no port',
      'Ingress/server',
      'spec|rules|0|http|paths|0|backend|service|port|number',
      81,
      'Ingress demo-web/server: spec.rules[0].http.paths[0].backend.service.port.number',
    ),
    object(
      'a route to no port',
      'HTTPRoute/server',
      'spec|rules|0|backendRefs|0|port',
      81,
      'HTTPRoute demo-web/server: spec.rules[0].backendRefs[server].port',
    ),
    object(
      'a route without Service',
      'HTTPRoute/server',
      'spec|rules|0|backendRefs|0|name',
      'none',
      'HTTPRoute demo-web/server: spec.rules[0].backendRefs[none].name',
    ),
  ],
  'secret-exists': [
    first(
      'a Secret that nobody makes',
      'env|0|valueFrom|secretKeyRef|name',
      'none',
      'env[PASSWORD].valueFrom.secretKeyRef.name',
    ),
    first(
      'a key that it lacks',
      'env|0|valueFrom|secretKeyRef|key',
      'none',
      'env[PASSWORD].valueFrom.secretKeyRef.key',
    ),
    first('a Secret that may be absent', 'env|0|valueFrom|secretKeyRef', { name: 'none', key: 'a', optional: true }),
    first('variables of no Secret', 'envFrom', [{ secretRef: { name: 'none' } }], 'envFrom[0].secretRef.name'),
    pod(
      'a volume of no Secret',
      'volumes|1',
      { name: 'scratch', secret: { secretName: 'none' } },
      'volumes[scratch].secret.secretName',
    ),
    pod(
      'a volume of a key that it lacks',
      'volumes|1',
      { name: 'scratch', secret: { secretName: 'web-db', items: [{ key: 'none', path: 'a' }] } },
      'volumes[scratch].secret.items[0].key',
    ),
    {
      title: 'a Secret that cert-manager makes',
      spoil: (fixture) =>
        fixture
          .add({
            apiVersion: 'cert-manager.io/v1',
            kind: 'Certificate',
            metadata: { name: 'tls', namespace: 'demo-web' },
            spec: { secretName: 'web-tls' },
          })
          .set(SERVER, `${POD}|volumes|1`, { name: 'scratch', secret: { secretName: 'web-tls' } }),
      finds: [],
    },
  ],
};
