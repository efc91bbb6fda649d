import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { atStep } from '../platform';
import type { ExposureTls } from './exposure-tls';

/** One certificate of cert-manager, https://cert-manager.io/docs/reference/api-docs/#cert-manager.io/v1.Certificate */
export interface CertificateProps {
  readonly namespace: string;
  /** Name of the Certificate, and of the Secret that it fills. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly dnsNames: readonly string[];
  readonly issuer: Extract<ExposureTls, { mode: 'issuer' }>['issuer'];
  readonly step: number;
}

/** Asks cert-manager for a certificate. */
export function makeCertificate(scope: Construct, id: string, props: CertificateProps): void {
  const { namespace, name, labels, dnsNames, issuer, step } = props;
  const certificate = new ApiObject(scope, id, {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name, namespace, labels: { ...labels } },
    spec: {
      secretName: name,
      dnsNames,
      issuerRef: { group: 'cert-manager.io', kind: issuer.kind ?? 'ClusterIssuer', name: issuer.name },
      privateKey: { rotationPolicy: 'Always' },
    },
  });
  atStep(certificate, step);
}
