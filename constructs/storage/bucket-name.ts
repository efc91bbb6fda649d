/** Endings that S3 reserves. */
const RESERVED_SUFFIXES = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3'];
/** Beginnings that S3 reserves. */
const RESERVED_PREFIXES = ['xn--', 'sthree-', 'amzn-s3-demo-'];
/** The name that MinIO keeps for its own pages and metadata. */
const RESERVED_NAMES = ['minio'];

/**
 * Checks a bucket's name by the rules of S3 (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html), and that
 * MinIO does not keep it for itself, so that a bucket can move from any store to any other.
 *
 * @returns the name
 * @throws Error that tells the name and the rule it breaks
 */
export function bucketName(name: string): string {
  const broken = brokenRule(name);
  if (broken !== undefined) throw new Error(`bucket "${name}" ${broken}`);
  return name;
}

function brokenRule(name: string): string | undefined {
  if (name.length < 3 || name.length > 63) return `has ${name.length} characters: a bucket's name has 3 to 63`;
  if (!/^[a-z0-9.-]+$/.test(name)) return 'may hold only a-z, 0-9, dots and dashes';
  if (!/^[a-z0-9].*[a-z0-9]$/.test(name)) return 'must begin and end with a letter or a digit';
  if (/\.[.-]|-\./.test(name)) return 'may not have a dot beside a dot or a dash';
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return 'may not look like an IP address';
  const prefix = RESERVED_PREFIXES.find((reserved) => name.startsWith(reserved));
  if (prefix !== undefined) return `may not begin with "${prefix}", which S3 reserves`;
  const suffix = RESERVED_SUFFIXES.find((reserved) => name.endsWith(reserved));
  if (suffix !== undefined) return `may not end with "${suffix}", which S3 reserves`;
  return RESERVED_NAMES.includes(name) ? 'is a name that MinIO keeps for itself' : undefined;
}
