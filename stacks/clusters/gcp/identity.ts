import { type CustomResourceOptions, type Resource } from '@pulumi/pulumi';
import { DnsManagedZoneIamMember } from '@pulumi/gcp/dns/dnsManagedZoneIamMember';
import { Account } from '@pulumi/gcp/serviceaccount/account';
import { IAMMember } from '@pulumi/gcp/serviceaccount/iammember';
import type { GcpSettings } from '../../../constructs';
import type { WorkloadIdentity } from '../cluster';

/** A service account of Google that Pods of one service account of the cluster act as. */
export interface GcpIdentity extends WorkloadIdentity {
  /** What must be there before the Pods ask. */
  readonly resources: readonly Resource[];
  /** Lets them change records of one zone, and of no other. */
  mayChangeZone(zone: string): void;
}

/** Makes an account without any key, which the Pods of one service account get tokens for. */
export function workloadIdentity(
  name: string,
  what: string,
  { namespace, serviceAccount }: { readonly namespace: string; readonly serviceAccount: string },
  { project }: GcpSettings,
  options: CustomResourceOptions,
): GcpIdentity {
  const account = new Account(
    what,
    { accountId: `${name.slice(0, 20)}-${what}`, displayName: `${what} of ${name}` },
    options,
  );
  const member = account.email.apply((email) => `serviceAccount:${email}`);
  const resources: Resource[] = [
    new IAMMember(
      what,
      {
        serviceAccountId: account.name,
        role: 'roles/iam.workloadIdentityUser',
        member: `serviceAccount:${project}.svc.id.goog[${namespace}/${serviceAccount}]`,
      },
      options,
    ),
  ];
  return {
    namespace,
    serviceAccount,
    identity: account.email,
    resources,
    mayChangeZone: (managedZone) => {
      resources.push(
        new DnsManagedZoneIamMember(`${what}-zone`, { managedZone, role: 'roles/dns.admin', member }, options),
      );
    },
  };
}
