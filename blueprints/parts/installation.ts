import type { App } from 'cdk8s';
import type { z } from 'zod';
import { CLOUD_STORAGE_CLASS, ImageCatalogue, Platform, type Profile } from '../../constructs/platform';
import type { ImageLock } from '../blueprint';
import type { cluster, images } from '../sections/installation';
import { makeCloud } from './cloud';

/** What every blueprint's configuration says about the installation. */
export interface InstallationConfig {
  readonly name: string;
  readonly profile: Profile;
  readonly cluster: z.output<typeof cluster>;
  readonly images: z.output<typeof images>;
}

/** The platform that the constructs of a blueprint stand in. */
export function makePlatform(
  app: App,
  { name, profile, cluster: facts, images: choice }: InstallationConfig,
  lock: ImageLock,
): Platform {
  const cloud = makeCloud(name, profile, facts);
  const storageClassName = facts.storageClassName ?? (cloud === undefined ? undefined : CLOUD_STORAGE_CLASS);
  return new Platform(app, 'platform', {
    name,
    profile,
    clusterDomain: facts.domain,
    images: new ImageCatalogue({
      lock,
      overrides: choice.overrides,
      requireDigest: profile === 'production',
      ...(choice.mirror === undefined ? {} : { mirror: choice.mirror }),
    }),
    ...(cloud === undefined ? {} : { cloud }),
    ...(storageClassName === undefined ? {} : { storageClassName }),
    ...(facts.dns === undefined ? {} : { dns: facts.dns }),
  });
}
