import * as pulumi from '@pulumi/pulumi';
import {
  DeployTimeValue,
  type GeneratedValue,
  type KubernetesManifest,
  Layer,
  layerFolder,
  missingDeployTimeValues,
  READY_LATER,
  SignedToken,
  type Synthesis,
  type SynthesizedObject,
} from '../constructs';
import { aliasesOf, ConstructTree } from './construct-tree';
import { lossOf } from './data';
import { type DeployTimeValues, withDeployTimeOutputs } from './deploy-time';
import { generate, generatedValues, type Rotations, sign } from './generated-values';
import { KubectlError, NoKubectlError } from './kubectl';
import { programError } from './program-error';
import { type Awaited, NotReadyError, waitUntilReady } from './readiness/gate';
import { WORKLOAD_KINDS } from './readiness/workload';
import { Redaction } from './redaction';
import { KubernetesObject, resourceName, resourceType, withProviderAnnotations } from './kubernetes-object';
import { rotatedSecrets, withRotations } from './rotation';
import { secretManifest } from './secret-manifests';
import { timeoutSecondsOf, timeoutsOf } from './timeouts';

/** What a platform is deployed with. */
export interface DeploymentProps {
  /** The platform's objects. */
  readonly synthesis: Synthesis;
  /** Provider of the cluster that they go to. */
  readonly cluster: pulumi.ProviderResource;
  /** What the generated secrets are derived from: 32 random bytes in base64, secret. */
  readonly seed: pulumi.Output<string>;
  /** Which generated secrets have been rotated. @default - none */
  readonly rotations?: Rotations;
  /** What is known only at deployment. @default - nothing */
  readonly deployTimeValues?: DeployTimeValues;
  /** Seconds that an object may take to become ready. @default 300 */
  readonly timeoutSeconds?: number;
  /** Learns the generated values, and takes them out of what is said about failures. @default - one of its own */
  readonly redaction?: Redaction;
  /** Waits until the workloads of a wave are ready. @default - asks the cluster through kubectl */
  readonly waitUntilReady?: typeof waitUntilReady;
}

/** The props with their defaults. */
type Deployed = DeploymentProps & Required<Pick<DeploymentProps, 'redaction'>>;

interface Placed {
  readonly object: SynthesizedObject;
  /** Values that replace parts of the manifest: a Secret's data. */
  readonly overrides?: Readonly<Record<string, unknown>>;
}

/**
 * Registers each object of a platform as a Pulumi resource of its own, under the tree of constructs, wave after wave: what stands in a wave
 * is made once everything of the wave before is ready, and deleted before anything of it.
 *
 * @returns every resource that was registered, by its name
 * @throws Error when a deploy-time value is missing, or when two generated values share an id and differ in length
 */
export async function deployPlatform(given: DeploymentProps): Promise<ReadonlyMap<string, KubernetesObject>> {
  const props = { redaction: new Redaction(), ...given };
  const { synthesis, cluster } = props;
  const rotated = rotatedSecrets(synthesis.secrets, props.rotations ?? {});
  const lose = lossOf(synthesis);
  const tree = new ConstructTree(synthesis.platform);
  const resources = new Map<string, KubernetesObject>();
  const namespaces = new Map<string, KubernetesObject>();
  let barrier: pulumi.Resource | undefined;

  for (const [wave, placed] of waves(synthesis, props)) {
    const ready: pulumi.Resource[] = barrier === undefined ? [] : [barrier];
    const workloads = new Map<Awaited, KubernetesObject>();
    for (const { object, overrides } of placed) {
      const manifest = withProviderAnnotations(withRotations(object.manifest, rotated));
      const { apiVersion, kind, metadata } = manifest;
      const [type, name] = [resourceType(apiVersion, kind), resourceName(metadata)];
      const loss = lose(object);
      const home = namespaces.get(metadata.namespace ?? '');
      const content = { ...withDeployTimeOutputs(manifest, props.deployTimeValues ?? {}), ...overrides };
      const resource = new KubernetesObject(type, name, content, {
        parent: tree.parentOf(object.path),
        provider: cluster,
        aliases: aliasesOf(type, name, object.path),
        customTimeouts: timeoutsOf(manifest, props.timeoutSeconds),
        // What outlives the platform must depend on nothing that does not.
        dependsOn: [
          ...(barrier === undefined || loss === 'data' ? [] : [barrier]),
          ...(home === undefined ? [] : [home]),
        ],
        protect: loss === 'data' || loss === 'keeper',
        retainOnDelete: loss === 'data' || loss === 'kinds',
        ...(home !== undefined && loss === 'nothing' ? { deletedWith: home } : {}),
      });
      if (kind === 'Namespace') namespaces.set(metadata.name, resource);
      resources.set(`${type}::${name}`, resource);
      ready.push(resource);
      if (WORKLOAD_KINDS.has(kind) && metadata.annotations?.[READY_LATER] === undefined) {
        const timeoutSeconds = timeoutSecondsOf(manifest, props.timeoutSeconds);
        workloads.set({ kind, namespace: metadata.namespace ?? '', name: metadata.name, timeoutSeconds }, resource);
      }
    }
    // One resource that waits for the whole wave, for the next wave to wait for: n edges where all to all would be n times n.
    barrier = new pulumi.Stash(wave, { input: wave }, { parent: tree.root, dependsOn: ready });
    if (!pulumi.runtime.isDryRun() && workloads.size > 0) await gate(wave, barrier, workloads, props);
  }
  return resources;
}

/**
 * Waits until a wave has been applied and its workloads are ready. The program itself waits, before it registers what comes next: a value that
 * never comes would leave registrations that never end.
 */
async function gate(
  wave: string,
  barrier: pulumi.Resource,
  workloads: ReadonlyMap<Awaited, KubernetesObject>,
  { synthesis, redaction, ...props }: Deployed,
): Promise<void> {
  await new Promise<void>((resolve) => {
    barrier.urn.apply(() => {
      resolve();
    });
  });
  const wait = props.waitUntilReady ?? waitUntilReady;
  const note = (workload: Awaited, text: string): void => {
    // Shown while it lasts, beside the workload.
    const message = redaction.apply(text === '' ? 'ready' : `waiting for ${text}`);
    void pulumi.log.info(message, workloads.get(workload), undefined, true);
  };
  try {
    await wait(synthesis.platform, [...workloads.keys()], { note });
  } catch (error) {
    if (error instanceof KubectlError || error instanceof NoKubectlError) throw programError(error.message);
    if (!(error instanceof NotReadyError)) throw error;
    await pulumi.log.error(redaction.apply(error.message), workloads.get(error.workload));
    throw programError(`${wave} is not ready`);
  }
}

/**
 * The manifests as the cluster gets them, but for the Secrets and for what is known only at deployment: what was rendered, with the provider's
 * annotations and the rotations.
 */
export function deployedManifests(synthesis: Synthesis, rotations: Rotations = {}): readonly KubernetesManifest[] {
  const rotated = rotatedSecrets(synthesis.secrets, rotations);
  return ownObjects(synthesis).map(({ manifest }) => withProviderAnnotations(withRotations(manifest, rotated)));
}

/** Objects that nothing else deploys. */
function ownObjects({ objects }: Synthesis): readonly SynthesizedObject[] {
  return objects.filter(({ deployedBy }) => deployedBy === undefined);
}

/** The objects and Secrets by wave, in order; a Namespace before what stands in it. */
function waves(synthesis: Synthesis, props: Deployed): [string, Placed[]][] {
  const byWave = new Map<number, [string, Placed[]]>();
  for (const placed of [...ownObjects(synthesis).map((object): Placed => ({ object })), ...secrets(synthesis, props)]) {
    const { wave } = placed.object;
    const [name, others] = byWave.get(wave) ?? [waveName(placed.object), []];
    byWave.set(wave, [name, others]);
    if (placed.object.manifest.kind === 'Namespace') others.unshift(placed);
    else others.push(placed);
  }
  return [...byWave].sort(([a], [b]) => a - b).map(([, wave]) => wave);
}

/** The Secrets that synthesis describes, with their values; only `data` is secret, so that a preview shows the rest. */
function secrets(synthesis: Synthesis, props: Deployed): Placed[] {
  const { seed, redaction, rotations = {} } = props;
  const texts = new Map(
    [...generatedValues(synthesis)].map(([id, value]) => [
      id,
      seed.apply((text) => {
        const plain = generate(text, value, rotations[id] ?? 0);
        redaction.hide([plain]);
        return plain;
      }),
    ]),
  );
  return synthesis.secrets.map((secret) => {
    const { data, path } = secret;
    const values = Object.entries(data).map(([key, value]) => {
      const text =
        typeof value === 'string'
          ? pulumi.output(value)
          : value instanceof DeployTimeValue
            ? given(value, props)
            : textOf(value, texts, redaction);
      return [key, pulumi.secret(text?.apply((plain) => Buffer.from(plain).toString('base64')))];
    });
    return {
      object: {
        manifest: secretManifest(secret),
        layer: Layer.NAMESPACES,
        wave: Layer.NAMESPACES,
        component: 'secrets',
        path,
      },
      overrides: { data: Object.fromEntries(values) as unknown },
    };
  });
}

/** What stands under a key that is secret. @param texts of the generated values, by id */
function textOf(
  value: GeneratedValue | SignedToken,
  texts: ReadonlyMap<string, pulumi.Output<string>>,
  redaction: Redaction,
): pulumi.Output<string> | undefined {
  if (!(value instanceof SignedToken)) return texts.get(value.id);
  return texts.get(value.key.id)?.apply((key) => {
    const token = sign(value, key);
    redaction.hide([token]);
    return token;
  });
}

/** A value that is known only at deployment, hidden from what is said. @throws Error when it is missing */
function given({ id }: DeployTimeValue, { deployTimeValues = {}, redaction }: Deployed): pulumi.Output<string> {
  const value = deployTimeValues[id];
  if (value === undefined) throw new Error(missingDeployTimeValues([id]));
  return pulumi.output(value).apply((plain) => {
    redaction.hide([plain]);
    return plain;
  });
}

/** `20-foundations`, and `20-foundations-1` for the step after it. */
function waveName({ layer, wave }: SynthesizedObject): string {
  const step = wave - layer;
  return layerFolder(layer) + (step === 0 ? '' : `-${step}`);
}
