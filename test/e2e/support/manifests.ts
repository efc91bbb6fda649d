import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { at } from './kubectl';
import { boutureOk, CONFIG } from './stack';

/** A rendered object. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Every object of a folder of rendered files, in the order of the files. */
export function readManifests(folder: string): readonly Manifest[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  return files
    .sort()
    .flatMap((file) =>
      parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => document.toJS() as Manifest),
    );
}

/** What `bouture synth` renders from a configuration. */
export async function synthesized(config: string = CONFIG): Promise<readonly Manifest[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bouture-e2e-'));
  try {
    await boutureOk(['synth', config, '--out', folder]);
    return readManifests(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The template of the Pods that a workload makes. @default - undefined for an object that makes none */
export function podTemplateOf(manifest: Manifest): unknown {
  if (manifest.kind === 'CronJob') return at(manifest, 'spec', 'jobTemplate', 'spec', 'template');
  return ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].includes(manifest.kind)
    ? at(manifest, 'spec', 'template')
    : undefined;
}
