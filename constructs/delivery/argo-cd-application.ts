import { compare, dnsLabel, Layer, layerFolder, type PlatformNamespace } from '../platform';
import { CLUSTER } from './argo-cd-programs';
import type { ArgoCdProject } from './argo-cd-project';
import type { ArgoCdRepository } from './argo-cd-repository';
import { isRevision } from './revision';

/** When an Application changes the cluster. */
export interface AutomatedSync {
  /** What is gone from the repository is removed. @default true */
  readonly prune?: boolean;
  /** What was changed by hand is changed back. @default true */
  readonly selfHeal?: boolean;
}

export interface ArgoCdApplicationProps {
  /** A DNS label. */
  readonly name: string;
  /** The team's project. */
  readonly project: ArgoCdProject;
  /** One of the project's. */
  readonly repository: ArgoCdRepository;
  /** Folder of rendered manifests: `charts-out/nace-coding`. */
  readonly path: string;
  /** Branch, tag or commit. A branch is what is followed: a promotion is a commit to it. @default 'main' */
  readonly targetRevision?: string;
  /** One of the project's. Each manifest names its own, which must be of the project too. */
  readonly namespace: PlatformNamespace;
  /** Parts of a rendered blueprint, by the names of their files. @default - every file below the folder */
  readonly components?: readonly string[];
  /** With `components`, floors of the blueprint that are followed. @default - Layer.FOUNDATIONS, Layer.PLATFORM, Layer.WORKLOADS */
  readonly layers?: readonly Layer[];
  /** @default - every commit is followed, what is gone is pruned, hand edits are healed */
  readonly syncPolicy?: AutomatedSync | 'manual';
}

const LAYERS = [Layer.FOUNDATIONS, Layer.PLATFORM, Layer.WORKLOADS];
const PATH = /^(\.|[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*)$/;

/** Fields of every Application. Of what another part owns, such as an autoscaler, nothing is written. */
const SYNC_OPTIONS = [
  'ApplyOutOfSyncOnly=true',
  'CreateNamespace=false',
  'FailOnSharedResource=true',
  // What the Pods of the version before mount is there until those of the next one are ready.
  'PruneLast=true',
  'RespectIgnoreDifferences=true',
  'ServerSideApply=true',
];

/**
 * An Application: a folder of a repository becomes what runs in a namespace. The waves of the rendered manifests, which come from the
 * layers and steps of their constructs, are the order in which Argo CD applies them.
 */
export class ArgoCdApplication {
  readonly name: string;
  readonly project: ArgoCdProject;
  readonly repository: ArgoCdRepository;
  readonly namespace: PlatformNamespace;
  readonly path: string;
  private readonly files: readonly string[] | undefined;

  /** @throws Error when the name, path or revision is none, or when repository or namespace are not the project's */
  constructor(private readonly props: ArgoCdApplicationProps) {
    const { name, project, repository, namespace, path, targetRevision = 'main', components, layers = LAYERS } = props;
    this.name = dnsLabel('application', name);
    this.project = project;
    this.repository = repository;
    this.namespace = namespace;
    this.path = path;
    if (!PATH.test(path)) {
      throw new Error(
        `application "${name}": path "${path}" is not a folder of a repository: expected "charts-out/nace-coding"`,
      );
    }
    if (!isRevision(targetRevision)) {
      throw new Error(
        `application "${name}": targetRevision "${targetRevision}" is not a branch, tag or commit: expected "main"`,
      );
    }
    if (!project.repositories.includes(repository)) {
      const known = project.repositories.map(({ url }) => url).join(', ');
      throw new Error(
        `application "${name}": ${repository.url} is not a repository of project "${project.name}": it has ${known}`,
      );
    }
    if (!project.namespaces.includes(namespace)) {
      const known = project.namespaces.map((each) => each.name).join(', ');
      throw new Error(
        `application "${name}": "${namespace.name}" is not a namespace of project "${project.name}": it has ${known}`,
      );
    }
    if (components?.length === 0)
      throw new Error(`application "${name}": components is empty: name one, or leave it out`);
    for (const component of components ?? []) dnsLabel('component', component);
    this.files = components
      ?.flatMap((component) => layers.map((layer) => renderedFile(layer, component)))
      .sort(compare);
  }

  /** Whether it follows components of a rendered blueprint, and not whatever is in a folder. */
  get namesComponents(): boolean {
    return this.files !== undefined;
  }

  /** Whether it follows the file of a component of a rendered blueprint. */
  follows(layer: Layer, component: string): boolean {
    return this.files === undefined || this.files.includes(renderedFile(layer, component));
  }

  /** Whether both would own the same files in the same namespace. */
  overlaps(other: ArgoCdApplication): boolean {
    if (other.repository.url !== this.repository.url || other.namespace !== this.namespace) return false;
    if (!below(this.path, other.path) && !below(other.path, this.path)) return false;
    if (this.path !== other.path) return true;
    return (
      this.files === undefined || other.files === undefined || this.files.some((file) => other.files?.includes(file))
    );
  }

  /** The spec of the object. */
  spec(): unknown {
    const { syncPolicy = {}, targetRevision = 'main' } = this.props;
    return {
      project: this.project.name,
      source: {
        repoURL: this.repository.url,
        targetRevision,
        path: this.path,
        directory: { recurse: true, ...(this.files === undefined ? {} : { include: oneOf(this.files) }) },
      },
      destination: { server: CLUSTER, namespace: this.namespace.name },
      syncPolicy: {
        ...(syncPolicy === 'manual'
          ? {}
          : { automated: { prune: syncPolicy.prune ?? true, selfHeal: syncPolicy.selfHeal ?? true } }),
        syncOptions: SYNC_OPTIONS,
        retry: { limit: 5, backoff: { duration: '5s', factor: 2, maxDuration: '3m' } },
      },
      revisionHistoryLimit: 10,
    };
  }
}

/** Path of a file below the folder of a rendered blueprint. */
function renderedFile(layer: Layer, component: string): string {
  return `${layerFolder(layer)}/${component}.k8s.yaml`;
}

/** A pattern of Argo CD that matches each of some files. */
function oneOf(files: readonly string[]): string {
  return files.length === 1 ? files.join('') : `{${files.join(',')}}`;
}

/** Whether a folder is another, or in it. */
function below(folder: string, other: string): boolean {
  return other === '.' || folder === other || folder.startsWith(`${other}/`);
}
