import type { Construct } from 'constructs';
import { DeployTimeValue, Platform, type PlatformNamespace, PlatformSecret, type SecretRef } from '../platform';

/** Key of the certificate in the Secrets that carry it, as cert-manager names it. */
const CA_KEY = 'ca.crt';

/**
 * The authority whose certificates the clients of a server must trust. A Pod reads Secrets of its own namespace only, so an
 * authority can be had in every namespace that needs it.
 */
export class CertificateAuthority {
  /**
   * A certificate given as text. It is no secret; a Secret with it is made wherever it is needed.
   *
   * @param certificates one or more certificates in PEM
   * @throws Error when the text is no PEM certificate, or holds a private key
   */
  static pem(certificates: string): CertificateAuthority {
    if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(certificates)) {
      throw new Error('certificate authority: the text holds a private key; give the certificate alone');
    }
    if (!/^\s*-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/.test(certificates)) {
      throw new Error(
        'certificate authority: expected PEM, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----',
      );
    }
    return new CertificateAuthority(`${certificates.trim()}\n`, undefined);
  }

  /**
   * A Secret of one name that something else, such as trust-manager or a reflector, keeps in every namespace that needs it.
   *
   * @param name of the Secret
   * @param key of the certificate in it. @default 'ca.crt'
   */
  static secret(name: string, key: string = CA_KEY): CertificateAuthority {
    return new CertificateAuthority(undefined, { name, key });
  }

  /** A certificate that a cloud makes: known only at deployment. A Secret with it is made wherever it is needed. */
  static deployTime(certificates: DeployTimeValue): CertificateAuthority {
    return new CertificateAuthority(certificates, undefined);
  }

  private constructor(
    private readonly text: string | DeployTimeValue | undefined,
    private readonly existing: { readonly name: string; readonly key: string } | undefined,
  ) {}

  /** The certificates in PEM. @default - undefined where they are in Secrets that somebody else keeps, or known only at deployment */
  get certificates(): string | undefined {
    return typeof this.text === 'string' ? this.text : undefined;
  }

  /**
   * The certificate in one namespace; makes the Secret there where the authority was given as text.
   *
   * @param scope of the Secret; asked once for each scope and name
   * @param secretName name of a Secret that is made
   */
  refIn(scope: Construct, namespace: PlatformNamespace, secretName: string): SecretRef {
    if (this.existing !== undefined) {
      const ref = { namespace: namespace.name, ...this.existing };
      Platform.of(scope).expectSecret({ ...ref, keys: [ref.key], purpose: 'certificate authority that clients trust' });
      return ref;
    }
    return new PlatformSecret(scope, secretName, {
      namespace,
      name: secretName,
      data: { [CA_KEY]: this.text ?? '' },
    }).ref(CA_KEY);
  }
}
