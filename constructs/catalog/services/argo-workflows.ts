import { containerSecurityContext, type ImageReference, type k8s, podSecurityContext } from '../../platform';
import { allOf, isSet, release, text, when } from '../functions';
import { BASE_NAME, object, objectName } from '../object';
import { injected } from '../onyxia-context';
import { parts } from '../parts';
import { certificates } from '../parts/surroundings';
import { value } from '../schema';
import { type CatalogService, defineService } from '../service';
import type { TemplateMap } from '../template';
import { helmTest, selectorLabels, workload } from '../workload';
import { account } from './account';
import { EXECUTOR, repository, workflowDefaults } from './argo-workflows-config';
import { CLIENT_RULES, CONTROLLER_RULES, EXECUTOR_RULES, SERVER_RULES } from '../../mlops/argo-roles';

/** Port of the server. */
const PORT = 2746;
/** User of the image, and of the steps of workflows that name none. */
const UID = 1000;
/** Port on which the controller tells whether it works. */
const HEALTH_PORT = 6060;

/** Steps, one after the other and side by side. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img">' +
  '<path d="M32 16v8M32 24H16v12M32 24h16v12M16 48v4h32v-4" fill="none" stroke="#64748b" stroke-width="3"/>' +
  '<circle cx="32" cy="11" r="7" fill="#fb923c" stroke="#9a3412" stroke-width="3"/>' +
  '<circle cx="16" cy="42" r="7" fill="#fed7aa" stroke="#9a3412" stroke-width="3"/>' +
  '<circle cx="48" cy="42" r="7" fill="#fed7aa" stroke="#9a3412" stroke-width="3"/></svg>\n';

/**
 * Annotation of an account that names the Secret with its token, which the controller gives to what stands beside each step, and not to the
 * step: https://argo-workflows.readthedocs.io/en/latest/service-account-secrets/
 */
const TOKEN_NAME = 'workflows.argoproj.io/service-account-token.name';

export interface ArgoWorkflowsServiceProps {
  /** Version of the chart. @default '1.0.0' */
  readonly version?: string;
  /** An image with `argo`, `argoexec` and `workflow-controller`, such as `images/argo-workflows`. */
  readonly image: ImageReference;
}

/**
 * Argo Workflows for one namespace: a controller that runs workflows there and nowhere else, and a server whose callers bring their own
 * token. Artifacts and logs go to the person's bucket. The platform has installed Argo's resource definitions, lets administrators of a
 * namespace have objects of them, and lets Pods of the namespace call the Kubernetes API.
 *
 * @example
 * import { argoWorkflowsService, buildCatalog } from 'bouture';
 * const catalog = buildCatalog([argoWorkflowsService({ image: images.get('argo-workflows') })]);
 */
export function argoWorkflowsService({ version = '1.0.0', image }: ArgoWorkflowsServiceProps): CatalogService {
  return defineService({
    name: 'argo-workflows',
    version,
    appVersion: image.version,
    description: {
      en: 'Argo Workflows: chains of containers, started by hand, by a program or by the clock.',
      fr: 'Argo Workflows : des enchaînements de conteneurs, lancés à la main, par un programme ou par l’horloge.',
    },
    icon: ICON,
    home: 'https://argoproj.github.io/workflows/',
    keywords: ['workflow', 'pipeline', 'automation', 'argo'],
    sources: [image.source],
    parts: [
      parts.image({ choices: [image] }),
      parts.resources({ cpu: { request: 50, limit: 500, max: 2000 }, memory: { request: 1, limit: 1, max: 4 } }),
      parts.s3(),
      parts.ingress({ port: 'web' }),
      parts.networkPolicy(),
      parts.nodeSelector(),
      parts.tolerations(),
      parts.startupProbe(),
      parts.autosuspend(),
    ],
    values: {
      artifacts: value.group(
        { title: { en: 'Artifacts and logs', fr: 'Artefacts et journaux' } },
        {
          bucket: value.text({
            default: '',
            title: { en: 'Bucket', fr: 'Bucket' },
            description: { en: 'Nothing is kept without one.', fr: 'Sans bucket, rien n’est gardé.' },
            pattern: '^([a-z0-9][a-z0-9.-]*[a-z0-9])?$',
            from: injected('project.id'),
          }),
          folder: value.text({
            default: 'argo-workflows',
            title: { en: 'Folder', fr: 'Dossier' },
            pattern: '^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$',
          }),
        },
      ),
      workflows: value.group(
        { title: { en: 'Workflows', fr: 'Workflows' } },
        {
          parallelism: value.whole({
            default: 5,
            minimum: 1,
            title: { en: 'At the same time', fr: 'En même temps' },
          }),
        },
      ),
      certificates: certificates(),
    },
    render: ({ values, parts: shared, chart, language }) => {
      const { artifacts, ingress, s3, workflows } = values;
      const { cacerts } = values.certificates;
      const french = language === 'fr';
      const isOpen = allOf(ingress.enabled, isSet(ingress.hostname));
      const config = objectName('config');
      const service = values.service.image.version;
      const pod = { ...shared.pod, automountServiceAccountToken: true };
      return {
        objects: [
          ...workload({
            chart,
            parts: { ...shared, envFrom: [], pod: { ...pod, serviceAccountName: objectName('server') } },
            uid: UID,
            container: {
              command: [
                ...['argo', 'server', '--auth-mode=client', '--namespaced', '--secure=false'],
                text`--configmap=${config}`,
              ],
              ports: { web: PORT },
              probe: { httpGet: { path: '/', port: 'web' } },
            },
          }),
          object('Deployment', 'controller', {
            spec: {
              replicas: shared.replicas ?? 1,
              selector: { matchLabels: selectorLabels(`${chart}-controller`) },
              strategy: { type: 'Recreate' },
              template: {
                metadata: { labels: selectorLabels(`${chart}-controller`) },
                spec: {
                  ...pod,
                  enableServiceLinks: false,
                  serviceAccountName: objectName('controller'),
                  securityContext: podSecurityContext(UID) as TemplateMap<k8s.PodSecurityContext>,
                  containers: [
                    {
                      name: 'controller',
                      image: service,
                      imagePullPolicy: 'IfNotPresent',
                      command: [
                        ...['workflow-controller', '--namespaced'],
                        text`--configmap=${config}`,
                        text`--executor-image=${service}`,
                        '--executor-image-pull-policy=IfNotPresent',
                      ],
                      // There is one, which is replaced and never doubled.
                      env: [{ name: 'LEADER_ELECTION_DISABLE', value: 'true' }],
                      ports: [{ name: 'health', containerPort: HEALTH_PORT, protocol: 'TCP' }],
                      readinessProbe: { httpGet: { path: '/healthz', port: 'health' }, periodSeconds: 20 },
                      livenessProbe: {
                        httpGet: { path: '/healthz', port: 'health' },
                        initialDelaySeconds: 90,
                        periodSeconds: 60,
                        timeoutSeconds: 30,
                      },
                      resources: {
                        requests: { cpu: '50m', memory: '128Mi', 'ephemeral-storage': '16Mi' },
                        limits: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '256Mi' },
                      },
                      securityContext: containerSecurityContext() as TemplateMap<k8s.SecurityContext>,
                      volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
                    },
                  ],
                  volumes: [{ name: 'tmp', emptyDir: {} }],
                },
              },
            },
          }),
          object('ConfigMap', 'config', {
            data: {
              parallelism: text`${workflows.parallelism}`,
              // The administrator of a namespace may write no events, nor may an account that the person makes.
              nodeEvents: 'enabled: false\n',
              workflowEvents: 'enabled: false\n',
              metricsConfig: 'enabled: false\n',
              executor: EXECUTOR,
              workflowDefaults: workflowDefaults(),
              artifactRepository: when(
                allOf(s3.enabled, isSet(artifacts.bucket), isSet(s3.endpoint)),
                repository({
                  bucket: artifacts.bucket,
                  folder: artifacts.folder,
                  region: s3.defaultRegion,
                  endpoint: text`${s3.endpoint}:${s3.port}`,
                  hasAuthorities: isSet(cacerts),
                }),
              ),
            },
          }),
          ...account('server', SERVER_RULES),
          ...account('controller', CONTROLLER_RULES),
          ...account('executor', EXECUTOR_RULES, { annotations: { [TOKEN_NAME]: objectName('token') } }),
          object(
            'Secret',
            'token',
            { type: 'kubernetes.io/service-account-token' },
            { annotations: { 'kubernetes.io/service-account.name': objectName('executor') } },
          ),
          ...account('client', CLIENT_RULES),
          when(isSet(cacerts), object('Secret', 'ca', { data: { 'ca.crt': cacerts } })),
          helmTest({
            chart,
            image: service,
            uid: UID,
            command: [
              'bash',
              '-c',
              text`exec 3<>/dev/tcp/${BASE_NAME}.${release.namespace}/${PORT} && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q '200 OK' <&3`,
            ],
          }),
        ],
        notes: [
          french
            ? 'Vos workflows tournent dans cet espace. Soumettez-les avec kubectl, depuis un service qui a un compte Kubernetes :'
            : 'Your workflows run in this space. Submit them with kubectl, from a service that has an account of Kubernetes:',
          '`kubectl create -f workflow.yaml`',
          '',
          when(isOpen, [
            french
              ? text`L’API du serveur est à https://${ingress.hostname}. Vos programmes y apportent un jeton :`
              : text`The server's API is at https://${ingress.hostname}. Your programs bring a token there:`,
            text`\`kubectl create token ${objectName('client')} --duration=8h\``,
          ]),
        ],
      };
    },
  });
}
