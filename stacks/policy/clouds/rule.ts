/** A resource of a cloud as its policies see it. */
export interface CloudResource {
  /** `aws:s3/bucket:Bucket` */
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly props: Readonly<Record<string, unknown>>;
}

/** What a rule found in one resource. */
export interface CloudFinding {
  readonly resource: CloudResource;
  /** Property of the resource: `storageEncrypted`. */
  readonly property: string;
  /** What is wrong there. */
  readonly message: string;
}

/** One thing that resources of clouds must hold to, whoever made them. */
export interface CloudRule {
  /** In kebab-case, beginning with `cloud-`. */
  readonly id: string;
  /** What goes wrong without it. */
  readonly why: string;
  /** Document that says so. */
  readonly source: string;
  readonly fix: string;
  /** @param resources of one stack, of any cloud */
  readonly check: (resources: readonly CloudResource[]) => Iterable<CloudFinding>;
}

/** The value of a property by its path; undefined where there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null
        ? (inner as Readonly<Record<string | number, unknown>>)[key]
        : undefined,
    value,
  );
}

/** A list, or a single value as one; an absent one is empty. */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
}

/** Name of the bucket that a resource is, or is about. */
export function bucketOf({ props: { bucket }, name }: CloudResource): string {
  return typeof bucket === 'string' ? bucket : name;
}
