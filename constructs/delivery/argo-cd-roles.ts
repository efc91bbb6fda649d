import { compare, type k8s } from '../platform';
import { ARGOCD_SECRET } from './argo-cd-programs';
import { ARGO_GROUP } from './argo-kinds';
import type { NamespacedKind } from './argo-cd-kinds';

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'patch', 'update'];

/** What Argo CD shows below what it has made: it reads these wherever it deploys. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  '': ['events', 'pods', 'pods/log'],
  apps: ['controllerrevisions', 'replicasets'],
};

/**
 * What Argo CD does in its own namespace: it reads its settings and credentials, and keeps the state of Applications. It makes none: those
 * are the platform's.
 *
 * @param credentials names of the Secrets that the credentials of repositories are written to
 * @param hasAdministrator its password is written to Argo CD's own Secret
 */
export function ownRules(credentials: readonly string[], hasAdministrator: boolean): readonly k8s.PolicyRule[] {
  const written = [...credentials, ...(hasAdministrator ? [ARGOCD_SECRET.name] : [])].sort(compare);
  return [
    { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: READ },
    ...(written.length === 0
      ? []
      : [{ apiGroups: [''], resources: ['secrets'], resourceNames: written, verbs: ['patch', 'update'] }]),
    { apiGroups: [ARGO_GROUP], resources: ['applications', 'appprojects'], verbs: [...READ, 'patch', 'update'] },
    { apiGroups: [ARGO_GROUP], resources: ['applicationsets'], verbs: READ },
  ];
}

/** What Argo CD does in a namespace that it deploys to. @param kinds that a project may deploy there */
export function deployRules(kinds: readonly NamespacedKind[]): k8s.PolicyRule[] {
  const byGroup = new Map<string, Set<string>>();
  for (const { group, resource } of kinds) byGroup.set(group, (byGroup.get(group) ?? new Set()).add(resource));
  const rules = (groups: Iterable<readonly [string, Iterable<string>]>, verbs: string[]): k8s.PolicyRule[] =>
    [...groups]
      .sort(([a], [b]) => compare(a, b))
      .map(([group, resources]) => ({ apiGroups: [group], resources: [...resources].sort(compare), verbs }));
  return [...rules(byGroup, [...READ, ...WRITE]), ...rules(Object.entries(BELOW), READ)];
}
