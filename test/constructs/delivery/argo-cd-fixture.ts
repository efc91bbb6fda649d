import {
  ArgoCd,
  type ArgoCdProps,
  ExposureTls,
  IngressExposure,
  type Platform,
  PlatformNamespace,
  type PlatformProps,
} from '../../../constructs';
import { DIGESTED_LOCK, TEST_LOCK, testImages, testPlatform } from '../../support/platform';
import { StandInRealm } from '../../support/stand-in-realm';

const IMAGE = {
  repository: 'bouture/argo-cd',
  tag: '3.1.16',
  licence: 'Apache-2.0',
  source: 'https://example.org/argo-cd',
  build: 'images/argo-cd',
};

/** Address of the repository of configurations. */
export const URL = 'https://git.example.org/office/configuration.git';

/** A platform whose lock file has the image of Argo CD. */
export function argoPlatform(props: Partial<PlatformProps> = {}): Platform {
  if (props.profile !== 'production') {
    return testPlatform({ images: testImages({ lock: { ...TEST_LOCK, 'argo-cd': IMAGE } }), ...props });
  }
  const digest = DIGESTED_LOCK['minio']?.digest ?? '';
  const lock = { ...DIGESTED_LOCK, 'argo-cd': { ...IMAGE, digest } };
  return testPlatform({ images: testImages({ lock, requireDigest: true }), ...props });
}

/** What tests of Argo CD stand on. */
export interface Ground {
  readonly platform: Platform;
  readonly realm: StandInRealm;
  readonly exposure: IngressExposure;
  /** A namespace that Argo CD is given. */
  readonly coding: PlatformNamespace;
  /** One that it is not. */
  readonly other: PlatformNamespace;
}

/** A platform with a realm, a way in and two namespaces. */
export function ground(platform: Platform = argoPlatform()): Ground {
  return {
    platform,
    realm: new StandInRealm(platform, 'realm'),
    exposure: new IngressExposure(platform, 'exposure', {
      domain: 'data.example.org',
      className: 'traefik',
      controller: { namespace: 'traefik' },
      tls: ExposureTls.controller(),
    }),
    coding: new PlatformNamespace(platform, 'coding', { name: 'demo-coding' }),
    other: new PlatformNamespace(platform, 'other', { name: 'demo-other' }),
  };
}

/** An Argo CD for the namespace `coding`, with people. */
export function argoOn({ platform, realm, exposure, coding }: Ground, props: Partial<ArgoCdProps> = {}): ArgoCd {
  return new ArgoCd(platform, 'argo-cd', {
    namespaces: [coding],
    people: { identityProvider: realm, administrators: ['platform'], readers: ['statisticians'] },
    exposure,
    ...props,
  });
}
