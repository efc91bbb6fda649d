import * as pulumi from '@pulumi/pulumi';

const PLATFORM_TYPE = 'bouture:platform:Platform';
const CONSTRUCT_TYPE = 'bouture:platform:Construct';

/** Constructs nested deeper than this stand in the last one shown: each level is one more alias for every object. */
const DEPTH_MAX = 6;

/** A construct as `pulumi up` shows it: a name to fold objects under. It makes nothing by itself. */
class ConstructComponent extends pulumi.ComponentResource {
  constructor(type: string, path: string, parent?: pulumi.Resource) {
    super(type, path, {}, parent === undefined ? {} : { parent });
    this.registerOutputs({});
  }
}

/** The platform's own tree of constructs, as Pulumi components. */
export class ConstructTree {
  /** The platform itself: what everything stands under. */
  readonly root: pulumi.ComponentResource;
  private readonly nodes = new Map<string, ConstructComponent>();

  /** @param platform name of the platform */
  constructor(platform: string) {
    this.root = new ConstructComponent(PLATFORM_TYPE, platform);
  }

  /** The component that an object's construct stands in; made with all above it when it is first asked for. */
  parentOf(path: string): pulumi.ComponentResource {
    return this.node(path.split('/').slice(0, -1).slice(0, DEPTH_MAX));
  }

  private node(names: readonly string[]): pulumi.ComponentResource {
    if (names.length === 0) return this.root;
    const path = names.join('/');
    const known = this.nodes.get(path);
    if (known !== undefined) return known;
    const node = new ConstructComponent(CONSTRUCT_TYPE, path, this.node(names.slice(0, -1)));
    this.nodes.set(path, node);
    return node;
  }
}

/**
 * Every URN that an object may have had when its construct stood elsewhere in the tree. Pulumi puts the types of all parents into a URN, so
 * moving a construct up or down would make Pulumi delete the object and make it again; with these aliases it is the same object wherever
 * its construct stands.
 *
 * @param path of its construct now, whose own URN is left out
 */
export function aliasesOf(type: string, name: string, path: string): string[] {
  const now = Math.min(path.split('/').length - 1, DEPTH_MAX);
  const aliases: string[] = [];
  for (let depth = 0; depth <= DEPTH_MAX; depth++) {
    if (depth === now) continue;
    const parents = [PLATFORM_TYPE, ...Array<string>(depth).fill(CONSTRUCT_TYPE)].join('$');
    aliases.push(`urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${parents}$${type}::${name}`);
  }
  return aliases;
}
