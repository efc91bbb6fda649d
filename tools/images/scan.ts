import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { attempt, run } from '../cluster/commands';
import type { BuiltImage } from '../cluster/image-manifest';
import { ensurePrograms, programPath } from '../cluster/programs';
import type { Progress } from '../cluster/progress';
import { builtFolder } from './try';

/** What grype ends with when it has found what `grype.yaml` does not allow. */
const NOT_ALLOWED = 2;

/** Parts in CycloneDX that are no packages. */
const NO_PACKAGE = ['file', 'operating-system'];

const bomSchema = z.object({ components: z.array(z.object({ type: z.string() })).default([]) });

const reportSchema = z.object({
  matches: z.array(
    z.object({
      vulnerability: z.object({
        id: z.string(),
        severity: z.string(),
        fix: z.object({ versions: z.array(z.string()).nullable() }),
      }),
      artifact: z.object({ name: z.string(), version: z.string() }),
    }),
  ),
});

/** A known flaw of a part of an image, which a later version of that part does not have. */
export interface Flaw {
  readonly id: string;
  /** `Critical` */
  readonly severity: string;
  /** `pyyaml 5.3.1` */
  readonly part: string;
  /** Versions without it. */
  readonly fixedIn: readonly string[];
}

/** Reads grype's JSON. */
export function readFlaws(report: string): readonly Flaw[] {
  return reportSchema.parse(JSON.parse(report)).matches.map(({ vulnerability, artifact }) => ({
    id: vulnerability.id,
    severity: vulnerability.severity,
    part: `${artifact.name} ${artifact.version}`,
    fixedIn: vulnerability.fix.versions ?? [],
  }));
}

/** Number of packages in a CycloneDX list. @throws Error when it has none, for whoever looks for flaws in it would find none either */
export function partsOf(bom: string, name: string): number {
  const { components } = bomSchema.parse(JSON.parse(bom));
  const packages = components.filter(({ type }) => !NO_PACKAGE.includes(type));
  if (packages.length === 0) {
    throw new Error(`image "${name}": no package in it was recognized, so none can be looked up`);
  }
  return packages.length;
}

/**
 * Lists what is in images, and looks up which of it has known flaws. Writes `NAME.cdx.json` (CycloneDX) and `NAME.flaws.json` (grype) for
 * each.
 *
 * @param out folder for both
 * @throws Error naming the flaws that `grype.yaml` does not allow, of all images at once
 * @throws Error when there is no list of known flaws, or only an old one
 */
export async function scanImages(
  images: readonly BuiltImage[],
  all: readonly BuiltImage[],
  out: string,
  progress: Progress,
): Promise<void> {
  await ensurePrograms(['syft', 'grype'], progress);
  mkdirSync(out, { recursive: true });
  const problems: string[] = [];
  for (const image of images) {
    const bom = join(out, `${image.name}.cdx.json`);
    const parts = await progress.step(`list what is in ${image.name}`, async () => {
      await listParts(image, builtFolder(image, all), bom);
      return partsOf(readFileSync(bom, 'utf8'), image.name);
    });
    const report = join(out, `${image.name}.flaws.json`);
    const found = await progress.step(`look up ${parts} packages of ${image.name}`, () => lookUp(bom, report));
    progress.say(`${image.name}: known flaws that have a repair: ${found.flaws.length}`);
    if (!found.allowed) problems.push(`${image.name}:\n${found.flaws.map(describe).join('\n')}`);
  }
  if (problems.length > 0) {
    throw new Error(
      `critical flaws that have a repair: take the repaired versions, or judge them in tools/images/grype.yaml\n${problems.join('\n')}`,
    );
  }
}

async function listParts(image: BuiltImage, layout: string, file: string): Promise<void> {
  const source = ['--source-name', image.repository, '--source-version', image.tag];
  await run(
    programPath('syft'),
    ['scan', `oci-dir:${layout}`, ...source, '--quiet', '--output', `cyclonedx-json=${file}`],
    {
      env: { SYFT_CHECK_FOR_APP_UPDATE: 'false' },
    },
  );
}

async function lookUp(
  bom: string,
  report: string,
): Promise<{ readonly allowed: boolean; readonly flaws: readonly Flaw[] }> {
  const { code, output } = await attempt(programPath('grype'), [
    ...[`sbom:${bom}`, '--config', join(__dirname, 'grype.yaml')],
    ...['--output', 'json', '--file', report],
  ]);
  if (code !== 0 && code !== NOT_ALLOWED) throw new Error(`grype ended with ${code}:\n${output.trim()}`);
  return { allowed: code === 0, flaws: readFlaws(readFileSync(report, 'utf8')) };
}

function describe({ id, severity, part, fixedIn }: Flaw): string {
  return `  ${severity} ${id}: ${part}, repaired in ${fixedIn.join(', ')}`;
}
