import { Chart } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import type { Access } from './access';
import type { Cloud } from './cloud';
import type { ImageCatalogue } from './images';
import { MANAGED_BY } from './labels';
import type { Layer } from './layer';
import { compare, dnsLabel } from './names';
import type { ObjectOverride } from './override';
import type { Profile } from './profile';
import type { ExpectedSecret } from './expected-secret';

export interface PlatformProps {
  /** Short name of the installation: a DNS label of at most 30 characters; prefix of its namespaces, value of `app.kubernetes.io/part-of`. */
  readonly name: string;
  /** Resolves image keys to references. */
  readonly images: ImageCatalogue;
  /** @default 'pilot' */
  readonly profile?: Profile;
  /** DNS domain of the cluster. @default 'cluster.local' */
  readonly clusterDomain?: string;
  /** StorageClass of volumes. @default - the cluster's default class */
  readonly storageClassName?: string;
  /** Where the cluster's DNS runs: every namespace opens a hole to it. @default - Pods labelled k8s-app=kube-dns in kube-system */
  readonly dns?: { readonly namespace: string; readonly podLabels: Readonly<Record<string, string>> };
  /** The cloud that its cluster is made in. @default - its cluster exists */
  readonly cloud?: Cloud;
}

/** Where an object of a platform stands. */
export interface PlatformPart {
  readonly layer: Layer;
  /** Name of its component, which is that of its rendered file. */
  readonly component: string;
  /** @default - it belongs to the whole cluster */
  readonly namespace?: string;
}

const PLATFORM = Symbol.for('bouture.Platform');

/** The longest platform name: leaves room for a component's name in a namespace. */
const NAME_MAX = 30;

/**
 * One installation of the platform: the root that every construct of the library stands in, and where it reads the profile,
 * the images and the cluster's facts. It makes no object by itself.
 *
 * @example
 * const platform = new Platform(new App(), 'platform', { name: 'demo', images });
 */
export class Platform extends Chart {
  /** The platform that a construct stands in. @throws Error when it stands in none */
  static override of(construct: IConstruct): Platform {
    const found = construct.node.scopes.reverse().find((scope): scope is Platform => PLATFORM in scope);
    if (found === undefined) {
      throw new Error(
        `construct "${construct.node.path}" must stand inside a Platform: new ${construct.constructor.name}(platform, ...)`,
      );
    }
    return found;
  }

  readonly name: string;
  readonly images: ImageCatalogue;
  readonly profile: Profile;
  readonly clusterDomain: string;
  private readonly deployers: ((part: PlatformPart) => string | undefined)[] = [];
  private readonly announced: (() => Access)[] = [];
  private readonly overriding: ObjectOverride[] = [];
  private readonly expected = new Map<string, ExpectedSecret>();
  readonly storageClassName: string | undefined;
  readonly dns: { readonly namespace: string; readonly podLabels: Readonly<Record<string, string>> };
  readonly cloud: Cloud | undefined;

  constructor(scope: Construct, id: string, props: PlatformProps) {
    // Whoever deploys finds what belongs to the platform by these labels, so no object may lack them.
    const labels = { 'app.kubernetes.io/part-of': props.name, 'app.kubernetes.io/managed-by': MANAGED_BY };
    super(scope, id, { disableResourceNameHashes: true, labels });
    Object.defineProperty(this, PLATFORM, { value: true });
    this.name = dnsLabel('platform name', props.name);
    if (props.name.length > NAME_MAX) {
      throw new Error(
        `platform name "${props.name}" has ${props.name.length} characters: at most ${NAME_MAX}, for it begins every namespace`,
      );
    }
    this.images = props.images;
    this.profile = props.profile ?? 'pilot';
    this.clusterDomain = props.clusterDomain ?? 'cluster.local';
    this.storageClassName = props.storageClassName;
    this.cloud = props.cloud;
    this.dns = props.dns ?? { namespace: 'kube-system', podLabels: { 'k8s-app': 'kube-dns' } };
  }

  /**
   * Tells how a person reaches a part of the platform: what `bouture up` ends with.
   *
   * @param access the access, or a function that gives it once the platform is complete: a part may be exposed after it is made
   */
  announce(access: Access | (() => Access)): void {
    this.announced.push(typeof access === 'function' ? access : () => access);
  }

  /** What has been announced, by title. */
  get accesses(): readonly Access[] {
    return this.announced.map((access) => access()).sort((a, b) => compare(a.title, b.title));
  }

  /**
   * Says that something else deploys some objects: they are rendered with the others, and whoever deploys the platform leaves them alone.
   *
   * @param deployer gives the name of what deploys a part, or nothing; asked once the platform is complete
   */
  leaveTo(deployer: (part: PlatformPart) => string | undefined): void {
    this.deployers.push(deployer);
  }

  /** What deploys a part of the platform in the place of whoever deploys the rest. @default - nothing else does */
  deployerOf(part: PlatformPart): string | undefined {
    for (const deployer of this.deployers) {
      const name = deployer(part);
      if (name !== undefined) return name;
    }
    return undefined;
  }

  /** Changes rendered objects where no prop does; later ones come after earlier ones. @param overrides each from `override` */
  override(...overrides: readonly ObjectOverride[]): void {
    this.overriding.push(...overrides);
  }

  /** What changes rendered objects, in the order in which it was said. */
  get overrides(): readonly ObjectOverride[] {
    return this.overriding;
  }

  /**
   * The part of the platform that is of a class: what the blueprint made, for what stands beside it.
   *
   * @param type its class, or one above it
   * @throws Error when there is none, or more than one
   *
   * @example
   * import { PostgresDatabase } from 'bouture';
   * const surveys = platform.part(PostgresDatabase).addDatabase('surveys');
   */
  part<T extends Construct>(type: abstract new (...args: never[]) => T): T {
    const found = this.node.findAll().flatMap((construct) => (construct instanceof type ? [construct] : []));
    const [only, ...further] = found;
    if (only !== undefined && further.length === 0) return only;
    const paths = found.map(({ node }) => `"${node.path.slice(this.node.path.length + 1)}"`);
    throw new Error(
      only === undefined
        ? `the platform "${this.name}" has no ${type.name}: its configuration leaves the section out, or names one of somebody else`
        : `the platform "${this.name}" has ${found.length} parts that are a ${type.name}, ${paths.join(', ')}: pass the one that is meant`,
    );
  }

  /** Says that a Secret must exist which this platform does not make. Said twice, the keys add up. */
  expectSecret({ namespace, name, keys, purpose }: ExpectedSecret): void {
    const id = `${namespace}/${name}`;
    const all = new Set([...(this.expected.get(id)?.keys ?? []), ...keys]);
    this.expected.set(id, { namespace, name, keys: [...all].sort(compare), purpose });
  }

  /** The Secrets that somebody else must make, by namespace and name. */
  get expectedSecrets(): readonly ExpectedSecret[] {
    return [...this.expected].sort(([a], [b]) => compare(a, b)).map(([, secret]) => secret);
  }

  /** True for the profile that pins digests and keeps replicas. */
  get isProduction(): boolean {
    return this.profile === 'production';
  }
}
