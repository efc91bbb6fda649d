import * as pulumi from '@pulumi/pulumi';
import { deployTimeIds, deployTimePieces, type KubernetesManifest, missingDeployTimeValues } from '../constructs';
import { isRecord } from './manifests';

/** Values that exist once other resources do, by the id of their DeployTimeValue. */
export type DeployTimeValues = Readonly<Record<string, pulumi.Input<string>>>;

/**
 * A manifest in which the deploy-time values stand in place of their tokens, also inside longer texts.
 *
 * @throws Error when a value is missing, or when one would name the object: a name must not change between runs
 */
export function withDeployTimeOutputs(
  manifest: KubernetesManifest,
  values: DeployTimeValues,
): Readonly<Record<string, unknown>> {
  const ids = deployTimeIds(manifest);
  if (ids.length === 0) return manifest;
  const where = `${manifest.kind} ${manifest.metadata.name}`;
  if (deployTimeIds(manifest.metadata.name + (manifest.metadata.namespace ?? '')).length > 0) {
    throw new Error(`${where}: an object cannot be named by what is known only at deployment`);
  }
  const missing = ids.filter((id) => values[id] === undefined);
  if (missing.length > 0) throw new Error(`${where}: ${missingDeployTimeValues(missing)}`);
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string') return filled(value, values);
    if (Array.isArray(value)) return value.map(fill);
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item)]));
  };
  return fill(manifest) as Readonly<Record<string, unknown>>;
}

function filled(text: string, values: DeployTimeValues): pulumi.Input<string> {
  const pieces = deployTimePieces(text);
  if (pieces.every((piece) => typeof piece === 'string')) return text;
  return pulumi.concat(...pieces.map((piece) => (typeof piece === 'string' ? piece : values[piece.id])));
}
