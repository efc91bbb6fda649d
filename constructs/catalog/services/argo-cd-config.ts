import { ARGOCD_SECRET, CLUSTER, EXCLUSIONS, secretMeaning, SETTINGS_LABELS } from '../../delivery/argo-cd-programs';
import type { Expression, Input } from '../expression';
import { type Conditional, kept, release, text, when } from '../functions';
import { customObject, object, objectName, type ObjectTemplate } from '../object';

/** Where the password of Redis stands. */
export const REDIS_PASSWORD = { name: objectName('redis'), key: 'password' } as const;

/**
 * Annotations of what is made at the installation and is the person's from then on: they change it with Argo CD, and an upgrade or a pause
 * that came with other values would be refused.
 */
function atInstallation(moment: 'pre' | 'post') {
  return { 'helm.sh/hook': `${moment}-install`, 'helm.sh/hook-delete-policy': 'before-hook-creation' };
}

/**
 * The settings of Argo CD. People add keys of their own, by kubectl or by `argocd`, and an upgrade leaves those: each object has the keys
 * alone that the service decides about.
 *
 * @param address where people reach it, empty where they do not from outside
 */
export function settings(isOpen: Expression<boolean>, address: Expression<string>): readonly ObjectTemplate[] {
  const file = (id: string, name: string) => object('ConfigMap', id, {}, { name, labels: SETTINGS_LABELS });
  return [
    object(
      'ConfigMap',
      'cm',
      {
        data: {
          url: when(isOpen, address),
          'application.resourceTrackingMethod': 'annotation',
          // What the account may not list is not watched, instead of nothing being watched.
          'resource.respectRBAC': 'strict',
          'resource.exclusions': EXCLUSIONS,
          'resource.customizations.ignoreResourceUpdates.all': 'jsonPointers: [/status]\n',
        },
      },
      { name: 'argocd-cm', labels: SETTINGS_LABELS },
    ),
    file('rbac', 'argocd-rbac-cm'),
    file('known-host', 'argocd-ssh-known-hosts-cm'),
    file('tls-certs', 'argocd-tls-certs-cm'),
    object(
      'Secret',
      'argocd',
      { stringData: { 'server.secretkey': kept(ARGOCD_SECRET.name, 'server.secretkey', 64) } },
      { name: ARGOCD_SECRET.name, labels: SETTINGS_LABELS },
    ),
    object('Secret', 'redis', { stringData: { [REDIS_PASSWORD.key]: kept(REDIS_PASSWORD.name, REDIS_PASSWORD.key) } }),
  ];
}

/** The cluster as far as it is this service's: one namespace, and nothing that belongs to all. */
export function ownNamespace(): readonly ObjectTemplate[] {
  return [
    object(
      'Secret',
      'cluster',
      {
        stringData: {
          name: 'in-cluster',
          server: CLUSTER,
          namespaces: release.namespace,
          clusterResources: 'false',
          config: '{"tlsClientConfig":{"insecure":false}}',
        },
      },
      { labels: secretMeaning('cluster') },
    ),
    customObject(
      'argoproj.io/v1alpha1',
      'AppProject',
      'default',
      {
        spec: {
          sourceRepos: ['*'],
          destinations: [{ server: CLUSTER, namespace: release.namespace }],
          clusterResourceWhitelist: [],
        },
      },
      // Before the server, which would make one that allows everything.
      { name: 'default', annotations: atInstallation('pre') },
    ),
  ];
}

/** A repository that the service follows from the start. */
export interface Followed {
  readonly repository: Expression<string>;
  readonly revision: Expression<string>;
  readonly path: Expression<string>;
  readonly token: Expression<string>;
  /** Whether each commit is followed by itself. */
  readonly automatic: Expression<boolean>;
}

/** An Application of that repository, and the person's access to it. */
export function followed(
  { repository, revision, path, token, automatic }: Followed,
  isGiven: Expression<boolean>,
  hasToken: Expression<boolean>,
): readonly Conditional<ObjectTemplate>[] {
  const access: Readonly<Record<string, Input<string>>> = {
    type: 'git',
    url: repository,
    // Which name goes with a token, hosts of Git do not ask.
    username: 'token',
    password: token,
  };
  return [
    when(hasToken, object('Secret', 'repository', { stringData: access }, { labels: secretMeaning('repository') })),
    when(
      isGiven,
      customObject(
        'argoproj.io/v1alpha1',
        'Application',
        'app',
        {
          spec: {
            project: 'default',
            source: { repoURL: repository, targetRevision: revision, path },
            destination: { server: CLUSTER, namespace: release.namespace },
            syncPolicy: when(automatic, { automated: { prune: true, selfHeal: true } }),
          },
        },
        { annotations: atInstallation('post') },
      ),
    ),
  ];
}

/** The command by which a person logs in from outside. */
export function login(hostname: Expression<string>): Expression<string> {
  return text`\`argocd login ${hostname} --grpc-web --username admin\``;
}
