import { Construct } from 'constructs';
import {
  Connections,
  type IConnectable,
  type IConfidentialClient,
  type IIdentityProvider,
  type IOidcClient,
  k8s,
  type Platform,
  PlatformNamespace,
  type TokenKeys,
} from '../../../constructs';
import { TEST_LOCK, testImages, testPlatform } from '../../support/platform';

/** A platform that knows the image of the keeper. */
export function tenancyPlatform(): Platform {
  const kubectl = {
    repository: 'bouture/kubectl',
    tag: '1.34.4',
    licence: 'Apache-2.0',
    source: 'https://example.org/kubectl',
    build: 'images/kubectl',
  };
  return testPlatform({ images: testImages({ lock: { ...TEST_LOCK, kubectl } }) });
}

/** Someone who knows groups, and nothing else. */
export class FakeIdentityProvider extends Construct implements IIdentityProvider {
  readonly issuer = 'https://auth.example.org/realms/test';
  readonly claims = { username: 'preferred_username', groups: 'groups', roles: 'roles' };
  readonly groups: string[] = [];

  addPublicClient(): IOidcClient {
    throw new Error('not asked for');
  }

  addConfidentialClient(): IConfidentialClient {
    throw new Error('not asked for');
  }

  addGroup(name: string): void {
    this.groups.push(name);
  }

  grantKeys(): TokenKeys {
    throw new Error('not asked for');
  }
}

/** Onyxia's service account. */
export function onyxiaAccount(platform: Platform): k8s.KubeServiceAccount {
  const namespace = new PlatformNamespace(platform, 'onyxia-namespace', { name: 'demo-onyxia' });
  return new k8s.KubeServiceAccount(platform, 'onyxia-account', {
    metadata: { name: 'onyxia', namespace: namespace.name },
    automountServiceAccountToken: false,
  });
}

/** Pods of the platform that people's services call. */
export function storePods(platform: Platform): IConnectable {
  const namespace = new PlatformNamespace(platform, 'store-namespace', { name: 'demo-store' });
  const podLabels = { 'app.kubernetes.io/name': 'store', 'app.kubernetes.io/instance': 'store-server' };
  return { connections: new Connections(platform, 'store', { namespace, name: 'store', podLabels }) };
}
