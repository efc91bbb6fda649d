import type { App } from 'cdk8s';
import { Construct } from 'constructs';
import { ExternalIdentityProvider, KeycloakRealm } from '../../constructs/identity';
import { Onyxia } from '../../constructs/onyxia';
import { type IExposure, type IIdentityProvider, type Platform, SpaceNames } from '../../constructs/platform';
import { VaultRealm } from '../../constructs/secrets';
import { type IDatabaseServer, type IObjectStore, type MinioPeople, MinioTenant } from '../../constructs/storage';
import { PeopleProject, TenantPolicies, UserSpaces } from '../../constructs/tenancy';
import type { ImageLock } from '../blueprint';
import { makeDatabase } from '../parts/database';
import { controllerOf, makeExposure } from '../parts/exposure';
import { makePlatform } from '../parts/installation';
import { makeMlflow } from '../parts/mlflow';
import { makeObjectStore } from '../parts/object-store';
import { authorityOf, tlsOf } from '../parts/tls';
import type { SspcloudConfig } from './schema';

/** First label of the host of the S3 interface, where the configuration names none. */
const API_SUBDOMAIN = 's3';

/** Builds the platform of a configuration of the blueprint `sspcloud`. */
export function composeSspcloud(app: App, config: SspcloudConfig, images: ImageLock): Platform {
  const platform = makePlatform(app, config, images);
  const names = new SpaceNames({
    userPrefix: config.people.userPrefix,
    projectPrefix: config.people.projectPrefix,
    reserved: [`${config.name}-`],
  });
  const exposure = required(makeExposure(platform, config.exposure));
  const store = required(makeObjectStore(platform, withoutHost(config.objectStore), exposure));
  const database = required(
    makeDatabase(platform, config.database, store, (name) =>
      name === config.identity.keycloak?.database ? `${config.name}-keycloak` : `${config.name}-mlflow`,
    ),
  );
  const realm = makeIdentity(platform, config, exposure, database, names);
  const people = federate(store, realm, config, exposure, names);
  const vault = makeVault(platform, config, exposure, realm, names, store);
  const spaces = makeSpaces(platform, config, names);
  const mlflow =
    config.mlflow === undefined ? undefined : makeMlflow(platform, config.mlflow, store, database, exposure);
  if (store instanceof MinioTenant) spaces.allowTo(store, store.endpoint.port);
  if (vault !== undefined) spaces.allowTo(vault, vault.service.containerPort);
  if (mlflow !== undefined) spaces.allowTo(mlflow, mlflow.service.containerPort);
  const onyxia = makeOnyxia(platform, config, { exposure, realm, names, people, vault, spaces });
  if (config.onyxia !== undefined) {
    new TenantPolicies(platform, 'tenant-policies', {
      spaces,
      exposure: config.onyxia.services,
      ...(onyxia === undefined ? {} : { onyxia: onyxia.account }),
    });
  }
  const projects = new Construct(platform, 'projects');
  for (const { name } of config.people.projects) {
    const project = new PeopleProject(projects, name, { spaces, identityProvider: realm });
    if (people !== undefined) project.joins(people);
    if (vault !== undefined) project.joins(vault);
    if (mlflow !== undefined) project.useMlflow(mlflow);
  }
  return platform;
}

function required<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the configuration lacks a part that its schema demands');
  return part;
}

/** The section without the host of the S3 interface, which people's storage gets below. */
function withoutHost(section: SspcloudConfig['objectStore']): SspcloudConfig['objectStore'] {
  if (section.minio === undefined) return section;
  const minio = { ...section.minio };
  delete minio.apiSubdomain;
  return { ...section, minio };
}

function makeIdentity(
  platform: Platform,
  { identity: { keycloak, external } }: SspcloudConfig,
  exposure: IExposure,
  server: IDatabaseServer,
  names: SpaceNames,
): IIdentityProvider {
  if (external !== undefined) {
    const { certificateAuthority, ...rest } = external;
    return new ExternalIdentityProvider(platform, 'identity', {
      ...rest,
      ...(certificateAuthority === undefined ? {} : { certificateAuthority: authorityOf(certificateAuthority) }),
    });
  }
  const { database, idleSeconds, maxSeconds, tls, ...props } = required(keycloak);
  return new KeycloakRealm(platform, 'keycloak', {
    ...props,
    database: server.addDatabase(database),
    exposure,
    names,
    session: { idleSeconds, maxSeconds },
    ...(tls === undefined ? {} : { tls: tlsOf(tls) }),
  });
}

/** Buckets for people; none where somebody else runs the store. */
function federate(
  store: IObjectStore,
  realm: IIdentityProvider,
  { objectStore, people }: SspcloudConfig,
  exposure: IExposure,
  names: SpaceNames,
): MinioPeople | undefined {
  if (!(store instanceof MinioTenant)) return undefined;
  const { url } = store.exposeApiVia(exposure, objectStore.minio?.apiSubdomain ?? API_SUBDOMAIN);
  return store.federate(realm, { names, url, durationSeconds: people.credentialSeconds });
}

function makeVault(
  platform: Platform,
  { secrets }: SspcloudConfig,
  exposure: IExposure,
  realm: IIdentityProvider,
  names: SpaceNames,
  store: IObjectStore,
): VaultRealm | undefined {
  if (secrets === undefined) return undefined;
  const { subdomain, tls, snapshots, ...props } = secrets;
  const vault = new VaultRealm(platform, 'vault', {
    ...props,
    identityProvider: realm,
    names,
    ...(tls === undefined ? {} : { tls: tlsOf(tls) }),
    ...(snapshots === undefined ? {} : { snapshots: { ...snapshots, bucket: store.addBucket(snapshots.bucket) } }),
  });
  vault.exposeVia(exposure, subdomain);
  return vault;
}

function makeSpaces(platform: Platform, { people, exposure }: SspcloudConfig, names: SpaceNames): UserSpaces {
  const spaces = new UserSpaces(platform, 'spaces', {
    names,
    userQuota: people.userQuota,
    projectQuota: people.projectQuota,
    ...(people.internet ? { egress: 'internet' as const } : {}),
  });
  spaces.allowFrom(controllerOf(exposure));
  return spaces;
}

interface Around {
  readonly exposure: IExposure;
  readonly realm: IIdentityProvider;
  readonly names: SpaceNames;
  readonly people: MinioPeople | undefined;
  readonly vault: VaultRealm | undefined;
  readonly spaces: UserSpaces;
}

function makeOnyxia(
  platform: Platform,
  { onyxia }: SspcloudConfig,
  { exposure, realm, names, people, vault, spaces }: Around,
): Onyxia | undefined {
  if (onyxia === undefined) return undefined;
  const { services, ...props } = onyxia;
  return new Onyxia(platform, 'onyxia', {
    ...props,
    exposure,
    identityProvider: realm,
    names,
    services,
    spaces,
    ...(people === undefined ? {} : { storage: people }),
    ...(vault === undefined ? {} : { secretStore: vault }),
  });
}
