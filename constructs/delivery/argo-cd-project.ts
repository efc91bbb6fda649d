import { compare, dnsLabel, type PlatformNamespace } from '../platform';
import { type KnownKind, type NamespacedKind, namespacedKind, WORKLOAD_KINDS } from './argo-cd-kinds';
import { CLUSTER } from './argo-cd-programs';
import type { ArgoCdRepository } from './argo-cd-repository';

export interface ArgoCdProjectProps {
  /** What may be followed. */
  readonly repositories: readonly ArgoCdRepository[];
  /** Where it may be deployed: among the namespaces of Argo CD. */
  readonly namespaces: readonly PlatformNamespace[];
  /** What may be deployed. @default - what workloads consist of, {@link WORKLOAD_KINDS} */
  readonly kinds?: readonly (KnownKind | NamespacedKind)[];
  /** Groups whose members see its Applications, and start synchronizations and rollbacks. @default - none beside the administrators */
  readonly operators?: readonly string[];
  /** Groups whose members see its Applications. @default - none beside the administrators and readers */
  readonly readers?: readonly string[];
}

/** What one team deploys: closed lists of repositories, namespaces and kinds. Made by `ArgoCd.addProject`. */
export class ArgoCdProject {
  readonly repositories: readonly ArgoCdRepository[];
  readonly namespaces: readonly PlatformNamespace[];
  readonly kinds: readonly NamespacedKind[];

  /** @throws Error when a list is empty or holds a star, or when a group is none that a policy can name */
  constructor(
    readonly name: string,
    private readonly props: ArgoCdProjectProps,
  ) {
    dnsLabel('project', name);
    if (name === 'default')
      throw new Error('project "default" is Argo CD\'s own, which deploys nothing: choose another name');
    this.repositories = props.repositories;
    this.namespaces = props.namespaces;
    this.kinds = (props.kinds ?? WORKLOAD_KINDS).map((kind) => namespacedKind(name, kind));
    for (const list of ['repositories', 'namespaces', 'kinds'] as const) {
      if (this[list].length === 0) throw new Error(`project "${name}" has no ${list}: it would deploy nothing`);
    }
    for (const group of this.groups) checkedGroup(group);
  }

  /** The groups that it names. */
  get groups(): readonly string[] {
    return [...(this.props.operators ?? []), ...(this.props.readers ?? [])];
  }

  /** The spec of its AppProject. */
  spec(): unknown {
    const { operators = [], readers = [] } = this.props;
    const role = (name: string, groups: readonly string[], actions: readonly string[]) => ({
      name,
      groups: [...groups].sort(compare),
      policies: actions.map((action) => `p, proj:${this.name}:${name}, ${action}, ${this.name}/*, allow`),
    });
    const see = ['applications, get', 'logs, get'];
    const roles = [
      ...(operators.length === 0 ? [] : [role('operators', operators, [...see, 'applications, sync'])]),
      ...(readers.length === 0 ? [] : [role('readers', readers, see)]),
    ];
    return {
      sourceRepos: this.repositories.map(({ url }) => url).sort(compare),
      destinations: this.namespaces
        .map(({ name }) => name)
        .sort(compare)
        .map((namespace) => ({ server: CLUSTER, namespace })),
      clusterResourceWhitelist: [],
      namespaceResourceWhitelist: this.kinds
        .map(({ group, kind }) => ({ group, kind }))
        .sort((a, b) => compare(`${a.group}/${a.kind}`, `${b.group}/${b.kind}`)),
      ...(roles.length === 0 ? {} : { roles }),
    };
  }
}

/** @throws Error when a group is none that a line of a policy can name */
export function checkedGroup(group: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._@/-]{0,253}$/.test(group)) return group;
  throw new Error(`group "${group}": expected letters, digits, dots, dashes, underscores, slashes and @ alone`);
}
