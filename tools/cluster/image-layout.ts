import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const descriptor = z.object({ digest: z.string() });
const indexSchema = z.object({ manifests: z.tuple([descriptor]) });
const manifestSchema = z.object({ config: descriptor, layers: z.array(descriptor) });
const configSchema = z.object({
  config: z.object({
    Env: z.array(z.string()).default([]),
    Entrypoint: z.array(z.string()).default([]),
    Cmd: z.array(z.string()).default([]),
    WorkingDir: z.string().default('/'),
  }),
});

/** The one image of an OCI layout. */
export interface ImageLayout {
  /** Files of its layers, the lowest first. */
  readonly layers: readonly string[];
  /** Variables that it sets. */
  readonly env: Readonly<Record<string, string>>;
  /** What it starts: its entry point and its command. */
  readonly command: readonly string[];
  readonly workingDir: string;
}

/** Digest of the one image of an OCI layout. */
export function digestOf(folder: string): string {
  return indexSchema.parse(readJson(join(folder, 'index.json'))).manifests[0].digest;
}

/** Reads what an OCI layout says of its image. */
export function readLayout(folder: string): ImageLayout {
  const blob = (digest: string) => join(folder, 'blobs', ...digest.split(':'));
  const { config, layers } = manifestSchema.parse(readJson(blob(digestOf(folder))));
  const { Env, Entrypoint, Cmd, WorkingDir } = configSchema.parse(readJson(blob(config.digest))).config;
  return {
    layers: layers.map(({ digest }) => blob(digest)),
    env: Object.fromEntries(Env.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)])),
    command: [...Entrypoint, ...Cmd],
    workingDir: WorkingDir,
  };
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
