import { z } from 'zod';
import { API_VERSION } from '../blueprint';
import { cidr, port } from '../config/hosts';
import { imageReference, registry } from '../config/image-references';
import { label, labelValue, namespacePrefix, objectName, qualifiedName } from '../config/names';
import { choice, facets, scalar, wholeNumber, words } from '../config/scalar';
import { aws, azure, gcp } from './cloud';

/** The longest name of an installation: leaves room for a component's name behind it. */
const NAME_MAX = 30;

/** `apiVersion`: the form of the file. */
const apiVersion = z
  .literal(API_VERSION)
  .register(facets, {
    expected: API_VERSION,
    explain: (value) => {
      const version = typeof value === 'string' ? /^bouture\.dev\/v(\d+)/.exec(value)?.[1] : undefined;
      return version !== undefined && Number(version) > 1
        ? { message: 'this file is made for a newer release: upgrade bouture' }
        : { message: 'no version that this release reads', suggestion: API_VERSION };
    },
  })
  .describe("Version of this file's form.");

/** `blueprint`: which composition the file configures. */
function blueprintName<const Name extends string>(name: Name): z.ZodLiteral<Name> {
  return z.literal(name).describe('The blueprint that this file configures.');
}

/** `name`: what the installation is called. */
const installationName = namespacePrefix(NAME_MAX).describe(
  'Name of the installation, at most 30 characters. Begins the name of each namespace, and stands in the label app.kubernetes.io/part-of. ' +
    'Chosen once: another name is another installation.',
);

/** `profile`: what the installation is for. */
export const profile = choice('pilot', 'production')
  .default('pilot')
  .describe(
    'pilot: one replica of each part, images by tag. production: replicas and disruption budgets where the software can, ' +
      'images by digest, no plain text.',
  );

const podLabels = z
  .record(qualifiedName(), labelValue())
  .refine((labels) => Object.keys(labels).length > 0, {
    message: 'without any label, every Pod of the namespace would be meant',
  })
  .describe('Labels that select the Pods.');

/** Pods that the platform does not make. @param what for people: `The Ingress controller` */
export function foreignPods(what: string) {
  return z
    .strictObject({
      namespace: label().describe('Namespace of the Pods.'),
      podLabels: podLabels
        .exactOptional()
        .describe('Labels that select the Pods. Default: every Pod of the namespace.'),
    })
    .describe(what);
}

/** Pods that forward the world's traffic. @param what for people: `The Ingress controller` */
export function controllerPods(what: string) {
  return foreignPods(what).extend({
    ports: z
      .array(port())
      .min(1)
      .max(10)
      .default([443, 8443])
      .describe(
        "Ports on which these Pods take HTTPS, those of the containers: services of people call the platform's public addresses there.",
      ),
  });
}

/** The clouds that a cluster can be made in. */
export const CLOUDS = ['aws', 'gcp', 'azure'] as const;

/** `cluster`: the facts of the cluster that the platform stands on. */
export const cluster = z
  .strictObject({
    domain: scalar('a DNS domain such as cluster.local', (text) =>
      /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(text) && text.length <= 100 ? undefined : { message: 'no DNS domain' },
    )
      .default('cluster.local')
      .describe('DNS domain of the cluster.'),
    nodes: wholeNumber('a number of nodes', 1, 5000)
      .default(1)
      .describe(
        "Nodes that the platform's Pods can run on. Replicas that need nodes of their own are held against it.",
      ),
    storageClassName: objectName()
      .exactOptional()
      .describe("StorageClass of all volumes. Default: the cluster's default class."),
    dns: z
      .strictObject({
        namespace: label().describe('Namespace of the DNS Pods.'),
        podLabels,
      })
      .exactOptional()
      .describe(
        "Where the cluster's DNS runs: every namespace opens a hole to it. Default: Pods k8s-app=kube-dns in kube-system.",
      ),
    podCidr: cidr()
      .exactOptional()
      .describe('Network of the Pods, where external networks are named: the two must not overlap.'),
    apiServer: z
      .strictObject({
        cidrs: z
          .array(cidr())
          .min(1)
          .max(50)
          .describe('Networks of its addresses: those behind the Service kubernetes of the namespace default.'),
        ports: z.array(port()).min(1).max(10).default([443, 6443]).describe('Ports behind that Service.'),
      })
      .exactOptional()
      .describe(
        "Where the API of Kubernetes answers. With it, services of people may call it, each with its own rights, and the platform's own Pods " +
          'that work with it may call nothing else. Default: services of people may not; the others may call every address on 443 and 6443.',
      ),
    serviceCidr: cidr().exactOptional().describe('Network of the Services, for the same reason.'),
    aws: aws.exactOptional(),
    gcp: gcp.exactOptional(),
    azure: azure.exactOptional(),
    values: z
      .record(
        scalar('the id of a value, such as database-host', (text) =>
          /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text) ? undefined : { message: 'no id of a value' },
        ),
        words('what the stack says'),
      )
      .exactOptional()
      .describe(
        'What is known only once a cloud has made it, by id, as pulumi stack output values tells: for synth, which otherwise refuses to write files ' +
          'without it. Default: nothing.',
      ),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    const clouds = CLOUDS.filter((cloud) => value[cloud] !== undefined);
    const [, second] = clouds;
    if (second === undefined) return;
    const message = `${clouds.join(' and ')} exclude each other: keep one`;
    issues.push({ code: 'custom', input: value[second], path: [second], message });
  })
  .prefault({})
  .describe(
    'Facts of the cluster that the platform stands on, or the cloud that it is made in. Default: a cluster that exists, reached as kubectl reaches it.',
  );

/** `images`: where containers come from. */
export const images = z
  .strictObject({
    mirror: registry()
      .exactOptional()
      .describe(
        "Registry, with an optional path, that every image is pulled from. Default: each image's own registry.",
      ),
    lock: scalar('a path relative to this file', (text) =>
      text.trim() === '' ? { message: 'the path is empty' } : undefined,
    )
      .exactOptional()
      .describe('Lock file of the images, relative to this file. Default: the one that comes with bouture.'),
    overrides: z
      .record(
        scalar('an image key such as minio', (key) =>
          /^[a-z0-9][a-z0-9-]*$/.test(key) ? undefined : { message: 'no image key' },
        ),
        imageReference(),
      )
      .default({})
      .describe('Full references that replace entries of the lock, by key.'),
  })
  .prefault({})
  .describe('Where containers come from.');

/** `program`: what the office adds. */
const program = scalar('a path relative to this file, such as office.ts', (text) =>
  /\.([cm]?js|[cm]?ts)$/.test(text) ? undefined : { message: 'a program ends with .ts or .js' },
)
  .exactOptional()
  .describe(
    'Program with what the office adds: constructs of its own, overrides of rendered objects, services, looks. Relative to this file. Default: nothing is added.',
  );

/**
 * The keys that every configuration begins with.
 *
 * @param blueprint name of the blueprint that the file configures
 */
export function installation<const Name extends string>(blueprint: Name) {
  return {
    apiVersion,
    blueprint: blueprintName(blueprint),
    name: installationName,
    profile,
    program,
    cluster,
    images,
  };
}
