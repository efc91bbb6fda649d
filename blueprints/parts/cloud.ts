import type { z } from 'zod';
import {
  Cloud,
  CLOUD_INGRESS,
  type CloudSettings,
  DeployTimeValue,
  type Platform,
  type Profile,
  type SubnetPlan,
  subnetPlan,
} from '../../constructs/platform';
import { CertificateAuthority, CloudDatabase, CloudObjectStore } from '../../constructs/storage';
import type { exposure } from '../sections/exposure';
import type { cluster } from '../sections/installation';
import { amazonAuthority } from './amazon-authority';

type ClusterSection = z.output<typeof cluster>;
type ExposureSection = z.output<typeof exposure>;

/** Id of the value that the certificate authority of a database server is given by, where the cloud makes one for each server. */
export const DATABASE_AUTHORITY = 'database-authority';

/** The cloud that the cluster of a section is made in; undefined where it exists. */
export function makeCloud(name: string, profile: Profile, section: ClusterSection): Cloud | undefined {
  const settings = settingsOf(section, profile === 'production');
  return settings === undefined ? undefined : new Cloud(name, settings);
}

function settingsOf({ aws, gcp, azure }: ClusterSection, isProduction: boolean): CloudSettings | undefined {
  const sized = <D extends { readonly highlyAvailable?: boolean }>(database: D) => ({
    ...database,
    highlyAvailable: database.highlyAvailable ?? isProduction,
  });
  if (aws !== undefined) return { kind: 'aws', ...aws, database: sized(aws.database) };
  if (gcp !== undefined) return { kind: 'gcp', ...gcp, database: sized(gcp.database) };
  return azure === undefined ? undefined : { kind: 'azure', ...azure, database: sized(azure.database) };
}

/** The subnets of a cloud's network. */
export function subnetsOf(settings: CloudSettings): SubnetPlan {
  return subnetPlan(settings.network, settings.kind === 'aws' ? settings.zones.length : 1);
}

/** A configuration whose sections say what the cloud gives where they were left to it. */
export function withCloud<C extends { readonly cluster: ClusterSection; readonly exposure?: ExposureSection }>(
  config: C,
): C {
  const { aws } = config.cluster;
  const { exposure: way } = config;
  const isClouds = way !== undefined && way.ingress === undefined && way.gateway === undefined;
  const { port, ...ingress } = CLOUD_INGRESS;
  return {
    ...config,
    cluster: {
      ...config.cluster,
      // The addresses of EKS stand in the subnets that it was given.
      ...(aws === undefined || config.cluster.apiServer !== undefined
        ? {}
        : { apiServer: { cidrs: [...subnetPlan(aws.network, aws.zones.length).data], ports: [443] } }),
    },
    ...(isClouds
      ? {
          exposure: {
            ...way,
            ingress: {
              className: ingress.className,
              controller: { namespace: ingress.namespace, podLabels: { ...ingress.podLabels }, ports: [port] },
              tls: { controller: true },
            },
          },
        }
      : {}),
  };
}

/** Has the load balancer of the cloud serve the domains of an exposure that was left to it. */
export function serveDomains(
  platform: Platform,
  written: ExposureSection | undefined,
  further: readonly string[] = [],
): void {
  if (platform.cloud === undefined || written === undefined) return;
  if (written.ingress !== undefined || written.gateway !== undefined) return;
  for (const domain of [written.domain, ...further]) platform.cloud.serve(domain);
}

/** The object store of the cloud; undefined where it has none. */
export function cloudObjectStore(platform: Platform): CloudObjectStore | undefined {
  const { cloud } = platform;
  if (cloud === undefined) return undefined;
  const { settings } = cloud;
  switch (settings.kind) {
    case 'aws':
      return new CloudObjectStore(platform, 'object-store', {
        cloud,
        host: `s3.${settings.region}.amazonaws.com`,
        region: settings.region,
        bucketPrefix: `${platform.name}-${settings.account}-`,
        // The address of S3 inside the network.
        cidrs: subnetsOf(settings).data,
      });
    case 'gcp':
      return new CloudObjectStore(platform, 'object-store', {
        cloud,
        host: 'storage.googleapis.com',
        region: settings.region,
        bucketPrefix: `${platform.name}-${settings.project}-`,
      });
    case 'azure':
      return undefined;
  }
}

/**
 * The database server of the cloud; undefined where the cluster exists.
 *
 * @throws Error when nobody signs for databases in the region, which the rules refuse first
 */
export function cloudDatabase(platform: Platform): CloudDatabase | undefined {
  const { cloud } = platform;
  if (cloud === undefined) return undefined;
  const { settings } = cloud;
  const cidrs = subnetsOf(settings).data;
  switch (settings.kind) {
    case 'aws': {
      const authority = amazonAuthority(settings.region);
      if (authority === undefined) throw new Error(`no authority of RDS is known in the region "${settings.region}"`);
      return new CloudDatabase(platform, 'database', {
        cloud,
        cidrs,
        certificateAuthority: CertificateAuthority.pem(authority),
      });
    }
    case 'gcp':
      // The names in its certificate are the instance's, not those that clients call it by.
      return new CloudDatabase(platform, 'database', {
        cloud,
        cidrs,
        tlsMode: 'verify-ca',
        certificateAuthority: CertificateAuthority.deployTime(
          new DeployTimeValue(DATABASE_AUTHORITY, 'certificate authority of the database server'),
        ),
      });
    case 'azure':
      return new CloudDatabase(platform, 'database', { cloud, cidrs });
  }
}
