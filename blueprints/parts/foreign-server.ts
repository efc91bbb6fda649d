import type { z } from 'zod';
import type { ServerPlace } from '../../constructs/platform';
import type { CertificateAuthority } from '../../constructs/storage';
import type { foreignServer } from '../sections/foreign-server';
import { authorityOf } from './tls';

/** Where a server of a section is, and who signed its certificate. */
export function foreignServerOf({
  pods,
  cidrs,
  certificateAuthority,
}: z.output<z.ZodObject<ReturnType<typeof foreignServer>>>): ServerPlace & {
  readonly certificateAuthority?: CertificateAuthority;
} {
  return {
    ...(pods === undefined ? {} : { pods }),
    ...(cidrs === undefined ? {} : { hosts: { cidrs } }),
    ...(certificateAuthority === undefined ? {} : { certificateAuthority: authorityOf(certificateAuthority) }),
  };
}
