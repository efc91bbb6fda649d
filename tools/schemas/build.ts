import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { crdSchemas } from './crds';
import { GoModules } from './go-module';
import { type SchemaSet, kubernetesSchemas } from './kubernetes';

/**
 * Rebuilds the vendored schemas from `sources.yaml`, one module at a time, and records the checksum of a module that has none yet.
 * Needs Go and a Go module proxy; the tests need neither, for they read what this wrote. Arguments name what to rebuild (`1.34`,
 * `gateway-api`); without any, everything is.
 */
const Sources = z.strictObject({
  kubernetes: z.array(z.strictObject({ minor: z.string(), kubernetes: z.string(), api: z.string() })),
  crds: z.array(z.strictObject({ name: z.string(), module: z.string(), version: z.string(), folder: z.string() })),
  checksums: z.record(z.string(), z.string()),
});

const root = join(__dirname, '../..');
const sourcesFile = join(__dirname, 'sources.yaml');
const document = parseDocument(readFileSync(sourcesFile, 'utf8'));
const sources = Sources.parse(document.toJS());

function inScratch<T>(work: (modules: GoModules) => T): T {
  const cache = mkdtempSync(join(tmpdir(), 'bouture-schemas-'));
  try {
    const modules = new GoModules(cache, sources.checksums);
    const result = work(modules);
    for (const [id, sum] of Object.entries(modules.downloaded)) document.setIn(['checksums', id], sum);
    return result;
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

function write(folder: string, name: string, schemas: SchemaSet): void {
  mkdirSync(join(root, 'schemas', folder), { recursive: true });
  const file = join('schemas', folder, `${name}.json.gz`);
  const packed = gzipSync(JSON.stringify(schemas), { level: 9 });
  writeFileSync(join(root, file), packed);
  process.stdout.write(`${file}: ${Object.keys(schemas.kinds).length} kinds of ${schemas.version}, ${Math.ceil(packed.length / 1024)} KiB\n`);
}

const named = new Set(process.argv.slice(2));
const wanted = (name: string): boolean => named.size === 0 || named.has(name);

for (const { minor, kubernetes, api } of sources.kubernetes.filter(({ minor }) => wanted(minor))) {
  const schemas = inScratch((modules) =>
    kubernetesSchemas(kubernetes, modules.folder('k8s.io/kubernetes', kubernetes), modules.folder('k8s.io/api', api)),
  );
  write('kubernetes', `v${minor}`, schemas);
}
for (const { name, module, version, folder } of sources.crds.filter(({ name }) => wanted(name))) {
  write(
    'crds',
    name,
    inScratch((modules) => crdSchemas(version, join(modules.folder(module, version), folder))),
  );
}
writeFileSync(sourcesFile, document.toString({ lineWidth: 0 }));
