import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { App } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import {
  ArgoCd,
  CertificateAuthority,
  type ForeignPods,
  type ImageCatalogue,
  type KubernetesManifest,
  Platform,
  PlatformNamespace,
  synthesize,
} from '../../../constructs';
import { secretManifests } from '../../../stacks/secret-manifests';
import { ROOT } from './commands';

/** What surrounds the office's Argo CD. */
export interface OfficeSurroundings {
  /** Name of the platform that Argo CD stands in; it begins its namespace. */
  readonly name: string;
  readonly images: ImageCatalogue;
  readonly repository: { readonly url: string; readonly pods?: ForeignPods & { readonly port: number } };
  /** In PEM: who signed the certificate of the host of Git. */
  readonly authority: string;
}

/** An Argo CD that has rights in the whole cluster, as offices have one. */
export interface OfficeArgoCd {
  readonly namespace: string;
  /** Its objects, by wave; Secret `git` with a token is not among them. */
  readonly objects: readonly KubernetesManifest[];
  readonly secrets: readonly KubernetesManifest[];
}

/** Argo CD of this library with the bounds taken away that the library sets it: it is made for some namespaces, an office's own for the cluster. */
export function officeArgoCd({ name, images, repository, authority }: OfficeSurroundings): OfficeArgoCd {
  const platform = new Platform(new App(), 'platform', { name, images });
  const argo = new ArgoCd(platform, 'argo-cd', {
    namespaces: [new PlatformNamespace(platform, 'unused', { name: `${name}-unused` })],
    administrator: true,
    trust: CertificateAuthority.pem(authority),
    pollSeconds: 10,
  });
  const { url, pods } = repository;
  const token = { namespace: argo.namespace.name, name: 'git', key: 'token' };
  argo.addRepository('configuration', { url, credentials: { token }, ...(pods === undefined ? {} : { pods }) });
  const synthesis = synthesize(platform);
  const namespace = argo.namespace.name;
  return {
    namespace,
    objects: [...synthesis.objects.map(({ manifest }) => manifest), everywhere(namespace)],
    secrets: secretManifests(synthesis, randomBytes(32).toString('base64'), {}).map(unbounded),
  };
}

function everywhere(namespace: string): KubernetesManifest {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: `${namespace}-everywhere` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: 'argo-cd', namespace }],
  };
}

/** The Secret by which Argo CD knows the cluster, without its list of namespaces. */
function unbounded(secret: KubernetesManifest): KubernetesManifest {
  const { data = {} } = secret as KubernetesManifest & { readonly data?: Readonly<Record<string, string>> };
  if (data['namespaces'] === undefined) return secret;
  const kept = Object.entries(data).filter(([key]) => key !== 'namespaces' && key !== 'clusterResources');
  return { ...secret, data: Object.fromEntries(kept) };
}

/**
 * The example of the documentation for another repository, folder and Argo CD.
 *
 * @param platform name of the platform that is deployed
 */
export function officeApplication(
  { namespace }: OfficeArgoCd,
  { url, path, platform }: { readonly url: string; readonly path: string; readonly platform: string },
): readonly KubernetesManifest[] {
  const text = readFileSync(join(ROOT, 'examples/gitops/argo-cd/application.yaml'), 'utf8')
    .replaceAll('https://git.example.org/office/configuration.git', url)
    .replaceAll('namespace: argocd', `namespace: ${namespace}`)
    .replaceAll('path: charts-out/minimal', `path: ${path}`)
    .replaceAll('bouture-', `${platform}-`);
  return parseAllDocuments(text).map((each) => each.toJS() as KubernetesManifest);
}
