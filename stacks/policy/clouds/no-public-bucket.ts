import { allowStatements } from './policy-documents';
import { bucketOf, type CloudFinding, type CloudResource, type CloudRule } from './rule';

/** The four ways into a bucket that AWS can close. */
const WAYS = ['blockPublicAcls', 'blockPublicPolicy', 'ignorePublicAcls', 'restrictPublicBuckets'] as const;
/** Whom Google calls everybody. */
const EVERYBODY = ['allUsers', 'allAuthenticatedUsers'];

export const noPublicBucket: CloudRule = {
  id: 'cloud-no-public-bucket',
  why: 'A bucket that is open to the world is read by the world: most leaks of clouds began with one.',
  source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html',
  fix: 'AWS: a BucketPublicAccessBlock with all four set, and no policy for everybody; Google: publicAccessPrevention enforced and uniformBucketLevelAccess; Azure: allowNestedItemsToBePublic false',
  *check(resources) {
    const blocks = new Map(
      resources
        .filter(({ type }) => type.endsWith(':BucketPublicAccessBlock'))
        .map((block) => [bucketOf(block), block]),
    );
    for (const resource of resources) yield* openings(resource, blocks);
  },
};

function* openings(resource: CloudResource, blocks: ReadonlyMap<string, CloudResource>): Iterable<CloudFinding> {
  const { type, props } = resource;
  if (/^aws:s3\/bucket(V2)?:Bucket/.test(type)) {
    const bucket = bucketOf(resource);
    const block = blocks.get(bucket);
    if (block === undefined) {
      yield { resource, property: 'bucket', message: `nothing blocks public access to ${bucket}` };
      return;
    }
    for (const way of WAYS) {
      if (block.props[way] !== true) yield { resource: block, property: way, message: 'leaves a way in' };
    }
  }
  if (type === 'aws:s3/bucketPolicy:BucketPolicy') {
    for (const { property, isForEverybody, hasCondition } of allowStatements(resource)) {
      if (isForEverybody && !hasCondition) yield { resource, property, message: 'allows everybody' };
    }
  }
  if (type === 'gcp:storage/bucket:Bucket') {
    if (props['publicAccessPrevention'] !== 'enforced')
      yield { resource, property: 'publicAccessPrevention', message: 'is not enforced' };
    if (props['uniformBucketLevelAccess'] !== true)
      yield { resource, property: 'uniformBucketLevelAccess', message: 'each object may be opened by itself' };
  }
  if (type === 'gcp:storage/bucketIAMMember:BucketIAMMember' && EVERYBODY.includes(String(props['member']))) {
    yield { resource, property: 'member', message: `${String(props['member'])} is everybody` };
  }
  if (type === 'azure:storage/account:Account' && props['allowNestedItemsToBePublic'] !== false) {
    yield { resource, property: 'allowNestedItemsToBePublic', message: 'containers may be opened to the world' };
  }
}
