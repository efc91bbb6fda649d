import { objectName } from '../config/names';
import { reason } from '../config/scalar';
import { certificateAuthority, issuer } from './authority';
import { exactlyOne } from './choice';

/** Where the certificate of a server inside the cluster comes from. @param server for people: `the store` */
export function serverTls(server: string) {
  return exactlyOne(
    {
      secretName: objectName().describe(`Secret of type kubernetes.io/tls in the namespace of ${server}.`),
      issuer: issuer.describe(
        'Issuer of cert-manager for names inside the cluster; certificateAuthority must then say who stands behind it.',
      ),
      plainTextBecause: reason().describe(
        'Why plain text inside the cluster is right, for example because its network encrypts.',
      ),
    },
    { certificateAuthority: certificateAuthority.exactOptional() },
  )
    .check(({ value, issues }) => {
      if (issues.length > 0) return;
      const problem =
        value.issuer !== undefined && value.certificateAuthority === undefined
          ? 'clients must know the authority behind the issuer: name it here'
          : value.plainTextBecause !== undefined && value.certificateAuthority !== undefined
            ? 'plain text has no certificate, so no authority either'
            : undefined;
      if (problem !== undefined)
        issues.push({ code: 'custom', input: value, path: ['certificateAuthority'], message: problem });
    })
    .describe(
      `Where the certificate of ${server} comes from. Default: plain text inside the cluster, which production refuses.`,
    );
}
