import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { DNS_ADDRESS, NODE_ADDRESS, NODE_NAME, POLICY_QUEUE } from './addresses';
import type { ControlPlane } from './control-plane';
import { registryReference, systemImages } from './image-manifest';
import { recipe } from './paths';
import { programFolder } from './programs';

/** What the cluster runs as Pods of its own. Each is a file of `addons/`. */
export const ADDONS = ['kube-network-policies', 'coredns', 'local-path-provisioner', 'traefik'] as const;

export interface AddonValues {
  /** Folder of the node that volumes lie in. */
  readonly volumes: string;
  /** Resolvers for names that are not the cluster's own. */
  readonly resolvers: readonly string[];
  /** The certificate for hosts that have none of their own, in PEM. */
  readonly web: { readonly certificate: string; readonly key: string };
}

const objectSchema = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});
const workloadSchema = objectSchema.extend({
  spec: z.looseObject({ template: z.looseObject({ metadata: z.looseObject({}) }) }),
});
type KubernetesObject = z.infer<typeof objectSchema>;

/**
 * The objects of an add-on: `$(NAME)` is replaced, and a container's image named by its key alone becomes its place in the registry.
 *
 * @throws Error when a file has a variable that is not known
 */
export function addonObjects(name: string, values: AddonValues, text: string = readAddon(name)): KubernetesObject[] {
  const images = Object.fromEntries(systemImages().map((image) => [image.name, registryReference(image)]));
  const variables: Readonly<Record<string, string>> = {
    NODE_ADDRESS,
    NODE_NAME,
    DNS_ADDRESS,
    POLICY_QUEUE: String(POLICY_QUEUE),
    VOLUMES: values.volumes,
    WEB_CERTIFICATE: Buffer.from(values.web.certificate).toString('base64'),
    WEB_KEY: Buffer.from(values.web.key).toString('base64'),
    FORWARD: values.resolvers.length === 0 ? '' : `forward . ${values.resolvers.join(' ')}`,
    BASE_IMAGE: images['base'] ?? '',
  };
  const filled = text.replace(/\$\(([A-Z_]+)\)/g, (_, variable: string) => {
    const value = variables[variable];
    if (value === undefined) throw new Error(`addons/${name}.yaml: no value for $(${variable})`);
    return value;
  });
  const placed = filled.replace(/^(\s+image: )([a-z-]+)$/gm, (_, before: string, key: string) => {
    const reference = images[key];
    if (reference === undefined) throw new Error(`addons/${name}.yaml: no system image "${key}"`);
    return `${before}${reference}`;
  });
  const objects = parseAllDocuments(placed).map((document) => objectSchema.parse(document.toJS()));
  return objects.map((object) => restartedByConfiguration(object, objects));
}

/** Pods read their ConfigMap when they start: its fingerprint in their template makes a change start new ones. */
function restartedByConfiguration(object: KubernetesObject, all: readonly KubernetesObject[]): KubernetesObject {
  const configuration = all.filter(({ kind }) => kind === 'ConfigMap');
  if (configuration.length === 0 || !['Deployment', 'DaemonSet'].includes(object.kind)) return object;
  const { spec, ...rest } = workloadSchema.parse(object);
  const fingerprint = createHash('sha256').update(JSON.stringify(configuration)).digest('hex').slice(0, 16);
  const metadata = { ...spec.template.metadata, annotations: { 'bouture.dev/configuration': fingerprint } };
  return { ...rest, spec: { ...spec, template: { ...spec.template, metadata } } };
}

function readAddon(name: string): string {
  return readFileSync(recipe('addons', `${name}.yaml`), 'utf8');
}

/** Brings the add-ons into the cluster; what is there as it should be stays untouched. */
export async function applyAddons(controlPlane: ControlPlane, values: AddonValues): Promise<void> {
  const definitions = join(programFolder('traefik'), 'gateway-api');
  const crds = readdirSync(definitions)
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => ['-f', join(definitions, file)]);
  const apply = ['apply', '--server-side', '--force-conflicts', '--field-manager=bouture-cluster'];
  await controlPlane.kubectl([...apply, ...crds]);
  await controlPlane.kubectl(['wait', '--for=condition=Established', '--timeout=20s', ...crds]);
  const objects = ADDONS.flatMap((name) => addonObjects(name, values));
  await controlPlane.kubectl([...apply, '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
}

/** Deployments and DaemonSets of the add-ons that are not ready yet: `kube-system/coredns` */
export async function waitingAddons(controlPlane: ControlPlane): Promise<string[]> {
  const text = await controlPlane.kubectl(['get', 'deployments,daemonsets', '--all-namespaces', '-o', 'json']);
  const list = z
    .object({
      items: z.array(
        z.looseObject({
          metadata: z.object({ name: z.string(), namespace: z.string(), generation: z.number() }),
          status: z.looseObject({
            observedGeneration: z.number().optional(),
            readyReplicas: z.number().optional(),
            updatedReplicas: z.number().optional(),
            numberReady: z.number().optional(),
            updatedNumberScheduled: z.number().optional(),
          }),
        }),
      ),
    })
    .parse(JSON.parse(text));
  const names: readonly string[] = ADDONS;
  const ready = list.items
    .filter(({ metadata, status }) => {
      const readyPods = status.readyReplicas ?? status.numberReady ?? 0;
      const newPods = status.updatedReplicas ?? status.updatedNumberScheduled ?? 0;
      return status.observedGeneration === metadata.generation && readyPods >= 1 && newPods >= 1;
    })
    .map(({ metadata }) => metadata.name);
  return names.filter((name) => !ready.includes(name));
}
