import { Construct } from 'constructs';
import {
  type ExposedHost,
  type ExposureTls,
  type HttpService,
  type IExposure,
  type IConfidentialClient,
  type IIdentityProvider,
  type ImageCatalogueProps,
  IngressExposure,
  type IOidcClient,
  type ISecretStore,
  Onyxia,
  type OnyxiaProps,
  type PeopleStorage,
  type PeopleStorageRole,
  type Platform,
  type PlatformProps,
  type PublicClientProps,
  SpaceNames,
  type TokenClaims,
  type TokenConsumer,
  type TokenKeys,
} from '../../../constructs';
import { DIGESTED_LOCK, TEST_LOCK, testImages, testPlatform } from '../../support/platform';

const DIGEST = `sha256:${'fedcba9876543210'.repeat(4)}`;

const entry = (name: string, tag: string, digest?: string): ImageCatalogueProps['lock'][string] => ({
  repository: `docker.io/inseefrlab/${name}`,
  tag,
  licence: 'MIT',
  source: 'https://example.org/onyxia',
  ...(digest === undefined ? {} : { digest }),
});

const onyxiaLock = (digest?: string): ImageCatalogueProps['lock'] => ({
  'onyxia-web': entry('onyxia-web', '5.5.1', digest),
  'onyxia-api': entry('onyxia-api', 'v4.12.0', digest),
  'onyxia-onboarding': entry('onyxia-onboarding', '0.1.21', digest),
});

export const LOCK: ImageCatalogueProps['lock'] = { ...TEST_LOCK, ...onyxiaLock() };

export const PRODUCTION: Partial<PlatformProps> = {
  profile: 'production',
  images: testImages({ lock: { ...DIGESTED_LOCK, ...onyxiaLock(DIGEST) }, requireDigest: true }),
};

/** What a client was told. */
export class FakeClient implements IOidcClient {
  readonly redirects: string[] = [];
  readonly audience: string;
  readonly accessTokenSeconds = 300;

  constructor(
    readonly clientId: string,
    props: PublicClientProps = {},
  ) {
    this.audience = props.audience ?? clientId;
  }

  allowRedirect(url: string): void {
    this.redirects.push(url);
  }
  grantEveryone(): void {}
  grantGroup(): void {}
}

export interface Facts {
  readonly issuer: string;
  readonly claims: TokenClaims;
  readonly names: SpaceNames;
  readonly storageClientId: string;
  readonly vaultClientId: string;
  readonly durationSeconds: number;
  readonly roles: readonly PeopleStorageRole[];
  readonly mount: string;
  readonly vaultRole: string;
  readonly authPath: string;
  readonly hasAuthority: boolean;
}

export const FACTS: Facts = {
  issuer: 'https://auth.example.org/realms/datalab',
  claims: { username: 'preferred_username', groups: 'groups', roles: 'roles' },
  names: new SpaceNames(),
  storageClientId: 'onyxia-minio',
  vaultClientId: 'vault',
  durationSeconds: 86_400,
  roles: [{ profileName: 'default', roleArn: '', roleSessionName: '' }],
  mount: 'onyxia-kv',
  vaultRole: 'onyxia-user',
  authPath: 'jwt',
  hasAuthority: false,
};

export class FakeIdentityProvider extends Construct implements IIdentityProvider {
  readonly issuer: string;
  readonly claims: TokenClaims;
  readonly clients = new Map<string, FakeClient>();
  readonly consumers: string[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly facts: Facts,
  ) {
    super(scope, id);
    this.issuer = facts.issuer;
    this.claims = facts.claims;
  }

  addPublicClient(clientId: string, props?: PublicClientProps): FakeClient {
    if (this.clients.has(clientId)) throw new Error(`client "${clientId}" is asked for twice`);
    const client = new FakeClient(clientId, props);
    this.clients.set(clientId, client);
    return client;
  }

  addConfidentialClient(): IConfidentialClient {
    throw new Error('not asked for');
  }

  addGroup(): void {}

  grantKeys({ consumerName, connections }: TokenConsumer): TokenKeys {
    this.consumers.push(consumerName);
    connections.allowToExternal({ cidrs: ['192.0.2.7/32'] }, 8443);
    const urls = { issuer: this.issuer, discoveryUrl: this.issuer, jwksUrl: this.issuer };
    return this.facts.hasAuthority
      ? {
          ...urls,
          certificateAuthority: { namespace: connections.namespace.name, name: 'identity-ca', key: 'ca.crt' },
        }
      : urls;
  }
}

export class FakeStorage implements PeopleStorage {
  readonly url = 'https://s3.example.org';
  readonly stsUrl = 'https://s3.example.org';
  readonly region = 'us-east-1';
  readonly forcePathStyle = true;
  readonly origins: string[] = [];
  readonly durationSeconds: number;
  readonly roles: readonly PeopleStorageRole[];
  readonly names: SpaceNames;

  constructor(
    readonly client: FakeClient,
    facts: Facts,
  ) {
    this.durationSeconds = facts.durationSeconds;
    this.roles = facts.roles;
    this.names = facts.names;
  }

  allowOrigin(origin: string): void {
    this.origins.push(origin);
  }
  addProject(): void {}
}

export class FakeSecretStore extends Construct implements ISecretStore {
  readonly url = 'https://vault.example.org';
  readonly mount: string;
  readonly role: string;
  readonly authPath: string;
  readonly origins: string[] = [];

  constructor(
    scope: Construct,
    id: string,
    readonly client: FakeClient,
    facts: Facts,
  ) {
    super(scope, id);
    this.mount = facts.mount;
    this.role = facts.vaultRole;
    this.authPath = facts.authPath;
  }

  allowOrigin(origin: string): void {
    this.origins.push(origin);
  }
}

/** Keeps what was exposed, and does what an Ingress does. */
export class SpyExposure implements IExposure {
  service: HttpService | undefined;
  private readonly exposure: IngressExposure;

  constructor(platform: Platform, domain = 'example.org', tls: ExposureTls = { mode: 'controller' }) {
    this.exposure = new IngressExposure(platform, 'exposure', {
      domain,
      className: 'traefik',
      controller: { namespace: 'traefik', podLabels: { 'app.kubernetes.io/name': 'traefik' } },
      tls,
    });
  }

  expose(service: HttpService, subdomain: string): ExposedHost {
    this.service = service;
    return this.exposure.expose(service, subdomain);
  }
}

export interface Made {
  readonly platform: Platform;
  readonly onyxia: Onyxia;
  readonly identityProvider: FakeIdentityProvider;
  readonly storage: FakeStorage;
  readonly secretStore: FakeSecretStore;
}

export const CATALOGS: OnyxiaProps['catalogs'] = [
  { id: 'ide', name: { en: 'Notebooks', fr: 'Carnets' }, location: 'https://charts.example.org/ide/' },
];
export const SERVICES: OnyxiaProps['services'] = { domain: 'lab.example.org', ingressClassName: 'traefik' };

/** Onyxia with everything around it. @param props what differs, or a function that gives it once the platform is there */
export function make(
  props: Partial<OnyxiaProps> | ((platform: Platform) => Partial<OnyxiaProps>) = {},
  platformProps: Partial<PlatformProps> = {},
  facts: Partial<Facts> = {},
): Made {
  const all = { ...FACTS, ...facts };
  const platform = testPlatform({ images: testImages({ lock: LOCK }), ...platformProps });
  const identityProvider = new FakeIdentityProvider(platform, 'identity', all);
  const storage = new FakeStorage(identityProvider.addPublicClient(all.storageClientId), all);
  const secretStore = new FakeSecretStore(
    platform,
    'secrets',
    identityProvider.addPublicClient(all.vaultClientId),
    all,
  );
  const onyxia = new Onyxia(platform, 'onyxia', {
    identityProvider,
    exposure: new SpyExposure(platform),
    subdomain: 'datalab',
    names: all.names,
    storage,
    secretStore,
    catalogs: CATALOGS,
    services: SERVICES,
    ...(typeof props === 'function' ? props(platform) : props),
  });
  return { platform, onyxia, identityProvider, storage, secretStore };
}
