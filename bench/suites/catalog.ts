import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { BUILT_IN_SERVICES, builtInServices, chartOf } from '../../constructs';
import { ensurePrograms, plainProgress, programPath } from '../../tools/cluster';
import { placeholderImage } from '../support/images';
import { interleaved, round, run } from '../support/measure';
import type { Benchmark } from '../support/report';

const ROOT = join(__dirname, '..', '..');
/** Versions of each service. */
const VERSIONS = Array.from({ length: 10 }, (_, patch) => `1.0.${patch}`);

/** A program for `bouture catalog build`: every service of the library in every version. */
const PROGRAM = `const { BUILT_IN_SERVICES, builtInServices } = require(${JSON.stringify(join(ROOT, 'dist/constructs'))});
const get = (key) => ({ ...${JSON.stringify(placeholderImage(''))}, key });
const services = builtInServices({ get }, BUILT_IN_SERVICES);
exports.services = ${JSON.stringify(VERSIONS)}.flatMap((version) => services.map((service) => ({ ...service, version })));
`;

/** Writes the same charts as folders, for Helm. @returns the folders */
function writeCharts(folder: string): readonly string[] {
  return builtInServices({ get: placeholderImage }, BUILT_IN_SERVICES).flatMap((service) =>
    VERSIONS.map((version) => {
      const chart = join(folder, version, service.name);
      for (const [path, text] of chartOf({ ...service, version }, 'en').files) {
        mkdirSync(dirname(join(chart, path)), { recursive: true });
        writeFileSync(join(chart, path), text);
      }
      return chart;
    }),
  );
}

export const benchmarks: readonly Benchmark[] = [
  {
    title: 'a catalog of all services, ten versions each, whole process, beside helm package of the same charts',
    bound: { kind: 'at most', value: 1.5 },
    measure: async () => {
      await ensurePrograms(['helm'], plainProgress());
      const folder = mkdtempSync(join(tmpdir(), 'bouture-bench-'));
      try {
        const [program, out, packages] = ['catalog.cjs', 'out', 'packages'].map((name) => join(folder, name)) as [
          string,
          string,
          string,
        ];
        writeFileSync(program, PROGRAM);
        const charts = writeCharts(join(folder, 'charts'));
        const env = { HOME: folder };
        const empty = (place: string) => {
          rmSync(place, { recursive: true, force: true });
        };
        const things = {
          bouture: () => {
            empty(out);
            run(process.execPath, [join(ROOT, 'bin/bouture.js'), 'catalog', 'build', program, '--out', out], { env });
          },
          helm: () => {
            empty(packages);
            run(programPath('helm'), ['package', ...charts, '--destination', packages], { env });
          },
        };
        await interleaved(1, things);
        const times = await interleaved(7, things);
        const made = [out, packages].map((place) => readdirSync(place).filter((name) => name.endsWith('.tgz')).length);
        if (made.some((count) => count !== charts.length)) {
          throw new Error(`expected ${charts.length} packages, found ${made.join(' and ')}`);
        }
        return {
          value: round(times.bouture.median / times.helm.median),
          unit: 'times',
          details: { unit: 'milliseconds', packages: charts.length, ...times },
        };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  },
];
