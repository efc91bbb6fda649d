import type { App } from 'cdk8s';
import { Construct } from 'constructs';
import type { GpuNodes } from '../../constructs/compute';
import { Onyxia } from '../../constructs/onyxia';
import {
  type ExternalHosts,
  type IExposure,
  type IIdentityProvider,
  type Platform,
  SpaceNames,
} from '../../constructs/platform';
import { VaultRealm } from '../../constructs/secrets';
import {
  CloudObjectStore,
  ExternalObjectStore,
  type IObjectStore,
  MinioTenant,
  type PeopleStorage,
} from '../../constructs/storage';
import {
  ArgoCustomResources,
  PeopleProject,
  PlatformAccount,
  type PodPlacement,
  TenantPolicies,
  UserSpaces,
} from '../../constructs/tenancy';
import type { ImageLock, OfficePages } from '../blueprint';
import { API_SUBDOMAIN } from '../rules/exposure';
import { serveDomains, withCloud } from '../parts/cloud';
import { argoOf, makeCatalog } from '../parts/catalog';
import { makeDatabase } from '../parts/database';
import { controllerOf, makeExposure } from '../parts/exposure';
import { devicesOf, makeGpus, makeReclaim } from '../parts/gpu';
import { makeIdentity } from '../parts/identity';
import { makePlatform } from '../parts/installation';
import { makeMetrics } from '../parts/metrics';
import { makeMlflow } from '../parts/mlflow';
import { makeObjectStore, peopleSystemOf } from '../parts/object-store';
import { authorityOf, tlsOf } from '../parts/tls';
import { cloudUnseal, unsealOf } from '../parts/unseal';
import type { SspcloudConfig } from './schema';

/** Builds the platform of a configuration of the blueprint `sspcloud`. */
export function composeSspcloud(
  app: App,
  written: SspcloudConfig,
  images: ImageLock,
  pages: OfficePages = {},
): Platform {
  const config = withCloud(written);
  const platform = makePlatform(app, config, images);
  const names = new SpaceNames({
    userPrefix: config.people.userPrefix,
    projectPrefix: config.people.projectPrefix,
    reserved: [`${config.name}-`],
  });
  const { services } = config.people;
  serveDomains(platform, written.exposure, services === undefined ? [] : [services.domain]);
  const exposure = required(makeExposure(platform, config.exposure));
  const store = required(makeObjectStore(platform, withoutHost(config.objectStore), exposure));
  const database = required(
    makeDatabase(platform, config.database, store, (name) =>
      name === config.identity.keycloak?.database ? `${config.name}-keycloak` : `${config.name}-mlflow`,
    ),
  );
  const realm = makeIdentity(platform, config.identity, {
    ...{ exposure, database, names, store },
    ...(pages.brokers === undefined ? {} : { brokers: pages.brokers }),
    ...(pages.directories === undefined ? {} : { directories: pages.directories }),
  });
  admitUsers(platform, realm);
  const people = federate(store, realm, config, exposure, names);
  const vault = makeVault(platform, config, exposure, realm, names, store);
  const gpus = makeGpus(platform, config.gpu);
  const spaces = makeSpaces(platform, config, names, gpus);
  const mlflow =
    config.mlflow === undefined ? undefined : makeMlflow(platform, config.mlflow, store, database, exposure);
  if (store instanceof MinioTenant) spaces.allowTo(store, store.endpoint.port);
  else if (people !== undefined) spaces.allowToExternal(hostsOf(store, config.objectStore), store.endpoint.port);
  if (vault !== undefined) spaces.allowTo(vault, vault.service.containerPort);
  if (mlflow !== undefined) spaces.allowTo(mlflow, mlflow.service.containerPort);
  const onyxia = makeOnyxia(platform, config, { exposure, realm, names, people, vault, spaces, gpus, pages });
  const { registries, privateRegistries } = config.people;
  const { mirror } = config.images;
  const reclaim = gpus === undefined ? undefined : makeReclaim(platform, gpus, names, config);
  new TenantPolicies(platform, 'tenant-policies', {
    spaces,
    ...(gpus === undefined ? {} : placementOf(gpus)),
    ...(reclaim === undefined ? {} : { reclaimers: [PlatformAccount.serviceAccount(reclaim.account)] }),
    ...(registries === undefined
      ? {}
      : { registries: [...new Set([...registries, ...(mirror === undefined ? [] : [mirror])])] }),
    ...(privateRegistries === undefined ? {} : { privateRegistries }),
    ...(config.people.services === undefined ? {} : { exposure: servicesOf(config.people.services) }),
    ...(onyxia === undefined ? {} : { onyxia: onyxia.account }),
  });
  const projects = new Construct(platform, 'projects');
  for (const { name } of config.people.projects) {
    const project = new PeopleProject(projects, name, { spaces, identityProvider: realm });
    if (people !== undefined) project.joins(people);
    if (vault !== undefined) project.joins(vault);
    if (mlflow !== undefined) project.useMlflow(mlflow);
  }
  makeMetrics(platform, config.metrics);
  return platform;
}

/** What people's Pods may ask for to reach the nodes with GPUs. */
function placementOf({ deviceTolerations, runtimeClassName }: GpuNodes): PodPlacement {
  return { deviceTolerations, ...(runtimeClassName === undefined ? {} : { runtimeClasses: [runtimeClassName] }) };
}

function required<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the configuration lacks a part that its schema demands');
  return part;
}

/** The section without the host of the S3 interface, which people's storage gets below. */
function withoutHost(section: SspcloudConfig['objectStore']): SspcloudConfig['objectStore'] {
  if (section?.minio === undefined) return section;
  const minio = { ...section.minio };
  delete minio.apiSubdomain;
  return { ...section, minio };
}

/** Id of the client whose tokens the API of a cloud's cluster takes. */
const KUBERNETES_CLIENT = 'kubernetes';

/** Lets the API of a cluster that is made at AWS know people by their tokens; what each may do there, roles of Kubernetes say. */
function admitUsers({ cloud }: Platform, realm: IIdentityProvider): void {
  if (cloud?.settings.kind !== 'aws') return;
  const { audience } = realm.addPublicClient(KUBERNETES_CLIENT);
  const { issuer, claims } = realm;
  cloud.admitUsers({ issuer, audience, usernameClaim: claims.username, groupsClaim: claims.groups });
}

/** Networks that a store of the cloud, or of somebody else, answers from. */
function hostsOf(store: IObjectStore, section: SspcloudConfig['objectStore']): ExternalHosts {
  if (store instanceof CloudObjectStore) return store.hosts;
  return section?.external?.cidrs === undefined ? {} : { cidrs: section.external.cidrs };
}

/** Buckets for people; none where somebody else runs the store for programs alone. */
function federate(
  store: IObjectStore,
  realm: IIdentityProvider,
  { objectStore, people, cluster: { aws } }: SspcloudConfig,
  exposure: IExposure,
  names: SpaceNames,
): PeopleStorage | undefined {
  const { credentialSeconds: durationSeconds } = people;
  const common = { names, ...(durationSeconds === undefined ? {} : { durationSeconds }) };
  if (store instanceof MinioTenant) {
    const { url } = store.exposeApiVia(exposure, objectStore?.minio?.apiSubdomain ?? API_SUBDOMAIN);
    return store.federate(realm, { ...common, url });
  }
  if (store instanceof CloudObjectStore && aws !== undefined) {
    const { account, rolePrefix, userBuckets } = aws;
    const system = { kind: 'aws' as const, account, ...(rolePrefix === undefined ? {} : { rolePrefix }) };
    return store.federate(realm, { ...common, system }, userBuckets);
  }
  const external = objectStore?.external?.people;
  if (!(store instanceof ExternalObjectStore) || external === undefined) return undefined;
  const { stsEndpoint } = external;
  return store.federate(realm, {
    ...common,
    system: peopleSystemOf(external),
    ...(stsEndpoint === undefined ? {} : { stsUrl: stsEndpoint }),
  });
}

function makeVault(
  platform: Platform,
  { secrets, metrics }: SspcloudConfig,
  exposure: IExposure,
  realm: IIdentityProvider,
  names: SpaceNames,
  store: IObjectStore,
): VaultRealm | undefined {
  if (secrets === undefined) return undefined;
  const { subdomain, tls, snapshots, unseal, ...props } = secrets;
  const key = unseal === undefined ? cloudUnseal(platform) : unsealOf(unseal, `${platform.name}-vault`);
  const vault = new VaultRealm(platform, 'vault', {
    ...props,
    identityProvider: realm,
    names,
    ...(tls === undefined ? {} : { tls: tlsOf(tls) }),
    ...(metrics === undefined ? {} : { metrics: {} }),
    ...(key === undefined ? {} : { unseal: key }),
    ...(snapshots === undefined ? {} : { snapshots: { ...snapshots, bucket: store.addBucket(snapshots.bucket) } }),
  });
  vault.exposeVia(exposure, subdomain);
  return vault;
}

function makeSpaces(
  platform: Platform,
  config: SspcloudConfig,
  names: SpaceNames,
  gpus: GpuNodes | undefined,
): UserSpaces {
  const { people, exposure, cluster } = config;
  const { apiServer } = cluster;
  const argo = argoOf(config);
  const further = ArgoCustomResources.quota(argo.products);
  const spaces = new UserSpaces(platform, 'spaces', {
    names,
    userQuota: { ...people.userQuota, devices: devicesOf(gpus, people.userQuota.devices), further },
    projectQuota: { ...people.projectQuota, devices: devicesOf(gpus, people.projectQuota.devices), further },
    projectQuotas: Object.fromEntries(
      people.projects.flatMap(({ name, quota }) =>
        quota === undefined
          ? []
          : [[name, { ...quota, devices: devicesOf(gpus, { ...people.projectQuota.devices, ...quota.devices }) }]],
      ),
    ),
    ...(people.roleQuotas === undefined ? {} : { roleQuotas: people.roleQuotas }),
    ...(people.internet ? { egress: 'internet' as const } : {}),
    ...(apiServer === undefined ? {} : { apiServer }),
  });
  if (argo.products.length > 0) new ArgoCustomResources(platform, 'argo', { spaces, ...argo });
  const { ports, ...controller } = controllerOf(exposure);
  spaces.allowFrom(controller);
  // The region and the tokens name public addresses, which lead to the controller from inside the cluster too.
  for (const port of ports) spaces.allowToPods(controller, port);
  for (const port of apiServer?.ports ?? []) spaces.allowToExternal({ cidrs: apiServer?.cidrs ?? [] }, port);
  return spaces;
}

interface Around {
  readonly exposure: IExposure;
  readonly realm: IIdentityProvider;
  readonly names: SpaceNames;
  readonly people: PeopleStorage | undefined;
  readonly vault: VaultRealm | undefined;
  readonly spaces: UserSpaces;
  readonly gpus: GpuNodes | undefined;
  readonly pages: OfficePages;
}

function makeOnyxia(
  platform: Platform,
  { onyxia, people: { services }, cluster: { apiServer }, metrics }: SspcloudConfig,
  { exposure, realm, names, people, vault, spaces, gpus, pages }: Around,
): Onyxia | undefined {
  if (onyxia === undefined) return undefined;
  const { catalogs, ...props } = onyxia;
  const { certificateAuthority } = required(services);
  const offer = gpus?.offer;
  return new Onyxia(platform, 'onyxia', {
    ...props,
    catalogs: catalogs.map((catalog) =>
      makeCatalog(platform, catalog, {
        apiServer: apiServer !== undefined,
        gpu: offer,
        claims: realm.claims,
        own: pages.services ?? [],
      }),
    ),
    exposure,
    identityProvider: realm,
    names,
    services: {
      ...servicesOf(required(services)),
      ...(metrics?.servicesUrl === undefined ? {} : { monitoringUrlPattern: metrics.servicesUrl }),
    },
    spaces,
    ...(offer === undefined ? {} : { schemas: { gpu: { most: offer.most, ...offer.pools } } }),
    ...(certificateAuthority === undefined ? {} : { trust: authorityOf(certificateAuthority) }),
    ...(apiServer === undefined ? {} : { apiServer }),
    ...(people === undefined ? {} : { storage: people }),
    ...(vault === undefined ? {} : { secretStore: vault }),
    ...(pages.branding === undefined ? {} : { branding: pages.branding }),
  });
}

type Services = NonNullable<SspcloudConfig['people']['services']>;

/** Where services of people are reached. */
function servicesOf({ domain, ingressClassName }: Services): Omit<Services, 'certificateAuthority'> {
  return { domain, ingressClassName };
}
