import { ARGO_CD_USER, PASSWORD_SCRIPT, PORTS, REDIS_SCRIPT } from '../../delivery/argo-cd-programs';
import type { ImageReference } from '../../platform';
import { allOf, choose, isSet, json, release, sha256, text, when } from '../functions';
import { BASE_NAME, object } from '../object';
import { injected } from '../onyxia-context';
import { parts } from '../parts';
import { PASSWORD, readingOf } from '../parts/password';
import { value } from '../schema';
import { type CatalogService, defineService } from '../service';
import { helmTest, workload } from '../workload';
import { account } from './account';
import { followed, login, ownNamespace, settings } from './argo-cd-config';
import { beside, SERVER, SERVER_RESOURCES, VOLUMES } from './argo-cd-pod';
import { ARGO_CD_RULES } from './argo-cd-roles';
import { REPOSITORIES_SCRIPT, TEST_SCRIPT } from './argo-cd-start';

/** A branch that comes back to a space as it is. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img">' +
  '<path d="M16 16v32M16 32h14c8 0 12-4 12-12" fill="none" stroke="#64748b" stroke-width="3"/>' +
  '<g fill="#fde68a" stroke="#92400e" stroke-width="3"><circle cx="16" cy="13" r="6"/><circle cx="16" cy="51" r="6"/></g>' +
  '<rect x="33" y="8" width="20" height="15" rx="3" fill="#bbf7d0" stroke="#166534" stroke-width="3"/>' +
  '<path d="M52 40a11 11 0 1 1-3-8M50 24v9h-9" fill="none" stroke="#166534" stroke-width="3"/></svg>\n';

export interface ArgoCdServiceProps {
  /** Version of the chart. @default '1.0.0' */
  readonly version?: string;
  /** An image with Argo CD for user 999, such as `images/argo-cd`, or the makers' own, which has the web pages too. */
  readonly image: ImageReference;
  /** An image with redis-server, htpasswd, curl and jq, such as `images/argo-cd`. @default - `image` */
  readonly companion?: ImageReference;
}

/**
 * Argo CD for one namespace: what is in a Git repository becomes what runs there, and nowhere else. Server, controller, repository server
 * and Redis are containers of one Pod, which speak to each other on the loopback address; what renders charts has no token of the Kubernetes
 * API. The platform has installed Argo CD's resource definitions, lets administrators of a namespace have objects of them, and lets Pods of
 * the namespace call the Kubernetes API. The names of its settings are Argo CD's own, so a namespace has one: Helm refuses a second.
 *
 * @example
 * import { argoCdService, buildCatalog } from 'bouture';
 * const catalog = buildCatalog([argoCdService({ image: images.get('argo-cd') })]);
 */
export function argoCdService({ version = '1.0.0', image, companion = image }: ArgoCdServiceProps): CatalogService {
  return defineService({
    name: 'argo-cd',
    version,
    appVersion: image.version,
    description: {
      en: 'Argo CD: what is in your Git repository runs in your space, and stays as it is there. One for each space.',
      fr: 'Argo CD : ce qui est dans votre dépôt Git tourne dans votre espace, et y reste conforme. Un seul par espace.',
    },
    icon: ICON,
    home: 'https://argoproj.github.io/cd/',
    keywords: ['gitops', 'git', 'deployment', 'argo'],
    sources: [image.source],
    parts: [
      parts.image({ choices: [image] }),
      parts.resources({
        cpu: { request: 50, limit: 1000, max: 4000 },
        memory: { request: 1, limit: 2, max: 8 },
        scratch: 5,
      }),
      parts.password(),
      parts.ingress({ port: 'web' }),
      parts.networkPolicy(),
      parts.proxy(),
      parts.caBundle(),
      parts.nodeSelector(),
      parts.tolerations(),
      parts.startupProbe(),
      parts.autosuspend(),
    ],
    values: {
      git: value.group(
        { title: { en: 'Your repository', fr: 'Votre dépôt' } },
        {
          repository: value.text({
            default: '',
            title: { en: 'Address', fr: 'Adresse' },
            description: {
              en: 'One that your space can reach. You can name more once it runs.',
              fr: 'Que votre espace peut atteindre. Vous pourrez en nommer d’autres ensuite.',
            },
            pattern: '^(https://[^\\s@]+)?$',
          }),
          revision: value.text({
            default: 'HEAD',
            title: { en: 'Branch, tag or commit', fr: 'Branche, étiquette ou commit' },
            pattern: '^[A-Za-z0-9_][A-Za-z0-9_./-]*$',
          }),
          path: value.text({
            default: '.',
            title: { en: 'Folder', fr: 'Dossier' },
            description: {
              en: 'With manifests, a chart of Helm or a kustomization.',
              fr: 'Avec des manifestes, un chart Helm ou une kustomization.',
            },
            pattern: '^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$',
          }),
          automatic: value.flag({
            default: true,
            title: { en: 'Follow each commit', fr: 'Suivre chaque commit' },
            description: {
              en: 'Also: what is changed by hand is changed back, what is gone from the repository is removed.',
              fr: 'Aussi : ce qui est changé à la main est remis, ce qui a quitté le dépôt est supprimé.',
            },
          }),
          token: value.text({
            default: '',
            title: { en: 'Access token', fr: 'Jeton d’accès' },
            render: 'password',
            from: injected('git.token'),
          }),
          interval: value.whole({
            default: 180,
            minimum: 10,
            title: { en: 'Seconds between two looks', fr: 'Secondes entre deux lectures' },
          }),
        },
      ),
      kubernetes: value.group(
        { title: 'Kubernetes' },
        {
          everything: value.flag({
            default: false,
            title: { en: 'May do all that you may', fr: 'Peut tout ce que vous pouvez' },
            description: {
              en: 'Also objects of kinds that the office has added. Without it: Pods and what makes them, configuration, Secrets, volumes, Services, routes, roles.',
              fr: 'Aussi les objets de types ajoutés par l’organisme. Sinon : Pods et ce qui les crée, configuration, Secrets, volumes, Services, routes, rôles.',
            },
          }),
        },
      ),
    },
    render: ({ values, parts: shared, chart, language }) => {
      const { git, ingress, kubernetes, security } = values;
      const french = language === 'fr';
      const isOpen = allOf(ingress.enabled, isSet(ingress.hostname));
      const isGiven = isSet(git.repository);
      const argocd = values.service.image.version;
      const helper = companion.reference;
      const inside = text`${BASE_NAME}.${release.namespace}:${PORTS.server}`;
      return {
        objects: [
          ...workload({
            chart,
            parts: {
              ...shared,
              env: [],
              mounts: [],
              resources: SERVER_RESOURCES,
              initContainers: beside({ argocd, companion: helper, parts: shared, interval: git.interval }),
              // Another password is set when the Pod starts.
              podAnnotations: { ...shared.podAnnotations, 'bouture.dev/password': sha256(json(security)) },
              pod: { ...shared.pod, serviceAccountName: BASE_NAME },
            },
            uid: ARGO_CD_USER,
            container: {
              command: SERVER.command,
              env: SERVER.env,
              ports: { web: PORTS.server },
              probe: { httpGet: { path: '/healthz', port: 'web' } },
              mounts: SERVER.mounts,
            },
            volumes: VOLUMES,
          }),
          ...account('', ARGO_CD_RULES),
          when(
            kubernetes.everything,
            object('RoleBinding', 'everything', {
              roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
              subjects: [{ kind: 'ServiceAccount', name: BASE_NAME }],
            }),
          ),
          ...settings(isOpen, text`https://${ingress.hostname}`),
          ...ownNamespace(),
          ...followed(git, isGiven, allOf(isGiven, isSet(git.token))),
          object('ConfigMap', 'files', {
            data: {
              'password.sh': PASSWORD_SCRIPT,
              'redis.sh': REDIS_SCRIPT,
              'repositories.sh': REPOSITORIES_SCRIPT,
            },
          }),
          helmTest({
            chart,
            image: helper,
            uid: ARGO_CD_USER,
            command: ['sh', '-c', TEST_SCRIPT],
            env: [
              { name: 'PASSWORD', valueFrom: { secretKeyRef: PASSWORD } },
              { name: 'SERVER', value: text`http://${inside}` },
            ],
          }),
        ],
        notes: [
          choose<string>(
            isGiven,
            french
              ? text`${git.repository} devient ce qui tourne dans cet espace. Où il en est :`
              : text`${git.repository} becomes what runs in this space. How far it is:`,
            french ? 'Vos applications :' : 'Your applications:',
          ),
          '`kubectl get applications.argoproj.io`',
          '',
          french
            ? 'Connectez-vous comme `admin` avec le mot de passe du service :'
            : 'Sign in as `admin` with the password of the service:',
          readingOf(),
          when(isOpen, [
            '',
            french ? text`À https://${ingress.hostname}, ou :` : text`At https://${ingress.hostname}, or:`,
            login(ingress.hostname),
          ]),
          '',
          french ? 'Depuis un service de cet espace :' : 'From a service of this space:',
          text`\`argocd login ${inside} --plaintext --username admin\``,
          '',
          french
            ? 'Un espace n’a qu’un Argo CD. Si vous le supprimez, ce qu’il a déployé reste, comme vos applications et projets.'
            : 'A space has one Argo CD. If you delete it, what it has deployed stays, and so do your Applications and projects.',
        ],
      };
    },
  });
}
