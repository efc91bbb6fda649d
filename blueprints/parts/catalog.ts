import { type ArgoProduct, builtInServices } from '../../constructs/catalog';
import type { GpuOffer } from '../../constructs/compute';
import { ARGO_PRODUCTS, argoProducts } from '../../constructs/catalog/services/names';
import { type CatalogSettings, OnyxiaCatalog } from '../../constructs/onyxia';
import { anyNameOf } from '../../constructs/onyxia/restrictions';
import type { Platform, TokenClaims } from '../../constructs/platform';
import { servicesOf } from '../sections/onyxia';
import type { SspcloudConfig } from '../sspcloud/schema';

type CatalogSection = NonNullable<SspcloudConfig['onyxia']>['catalogs'][number];

/**
 * A catalog of somebody else, or one that the platform builds and serves.
 *
 * @param apiServer Pods of people may call the Kubernetes API
 * @param gpu what services for GPUs may ask for; undefined where there are none
 * @param claims names of the claims with people's groups and roles
 */
export function makeCatalog(
  platform: Platform,
  { builtIn, location, roles, projects, restrictions = [], ...others }: CatalogSection,
  apiServer: boolean,
  gpu: GpuOffer | undefined,
  claims: TokenClaims,
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
    services: builtInServices(platform.images, servicesOf(builtIn, apiServer, gpu !== undefined), gpu),
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
