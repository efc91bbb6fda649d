import { type ArgoProduct, builtInServices, type CatalogService } from '../../constructs/catalog';
import type { GpuOffer } from '../../constructs/compute';
import { ARGO_PRODUCTS, argoProducts } from '../../constructs/catalog/services/names';
import { type CatalogSettings, OnyxiaCatalog } from '../../constructs/onyxia';
import { anyNameOf } from '../../constructs/onyxia/restrictions';
import type { Platform, TokenClaims } from '../../constructs/platform';
import { servicesOf } from '../sections/onyxia';
import type { SspcloudConfig } from '../sspcloud/schema';

type CatalogSection = NonNullable<SspcloudConfig['onyxia']>['catalogs'][number];

/** What a catalog is made with, beside its entry in the configuration. */
interface CatalogAround {
  /** Pods of people may call the Kubernetes API. */
  readonly apiServer: boolean;
  /** What services for GPUs may ask for. @default - there are none */
  readonly gpu: GpuOffer | undefined;
  /** Names of the claims with people's groups and roles. */
  readonly claims: TokenClaims;
  /** Services of the office's own, which stand beside those of the library. */
  readonly own: readonly CatalogService[];
}

/** A catalog of somebody else, or one that the platform builds and serves. */
export function makeCatalog(
  platform: Platform,
  { builtIn, location, roles, projects, restrictions = [], ...others }: CatalogSection,
  { apiServer, gpu, claims, own }: CatalogAround,
): CatalogSettings {
  const all = [
    ...(roles === undefined ? [] : [{ claim: claims.roles, matches: anyNameOf(roles) }]),
    ...(projects === undefined ? [] : [{ claim: claims.groups, matches: anyNameOf(projects) }]),
    ...restrictions,
  ];
  const rest = all.length === 0 ? others : { ...others, restrictions: all };
  if (builtIn === undefined) {
    if (location === undefined) throw new Error('a catalog has neither a location nor services of its own');
    return { ...rest, location };
  }
  const catalog = new OnyxiaCatalog(platform, 'catalog', {
    services: [...builtInServices(platform.images, servicesOf(builtIn, apiServer, gpu !== undefined), gpu), ...own],
    language: builtIn.language,
  });
  return { ...rest, location: catalog.location };
}

/** The products of Argo that people may have: what the platform's own catalog starts, and what the configuration names. */
export function argoOf({ onyxia, people, cluster, gpu }: SspcloudConfig): {
  readonly products: readonly ArgoProduct[];
  readonly existing: readonly ArgoProduct[];
} {
  const named = people.resourceDefinitions ?? {};
  const started = (onyxia?.catalogs ?? []).flatMap(({ builtIn }) =>
    argoProducts(servicesOf(builtIn, cluster.apiServer !== undefined, gpu !== undefined)),
  );
  return {
    products: ARGO_PRODUCTS.filter((product) => named[product] !== undefined || started.includes(product)),
    existing: ARGO_PRODUCTS.filter((product) => named[product] === 'existing'),
  };
}
