// Puts libraries where Observable Framework keeps what it would fetch from a public server: each as one module, and the files that it
// fetches beside it.
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const [target] = process.argv.slice(2);
const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
/** Files that a library fetches beside its module. */
const FILES = { katex: ['dist'], leaflet: ['dist'], 'parquet-wasm': ['esm/parquet_wasm_bg.wasm'] };

/** What Framework offers pages too and the image lacks: it asks for a version of each, and of the module only where a page has it. */
const ABSENT = [
  '@observablehq/sample-datasets',
  '@uwdata/vgplot',
  '@viz-js/viz',
  'echarts',
  'mapbox-gl',
  'mermaid',
  'react',
  'react-dom',
  'sql.js',
];
for (const name of ABSENT) mkdirSync(join(target, `${name}@0.0.0`), { recursive: true });

for (const name of Object.keys(dependencies)) {
  if (name === '@observablehq/framework') continue;
  const source = join('node_modules', name);
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  const folder = join(target, `${name}@${version}`);
  // Libraries of several kinds: what is exported by name, and by default where there is a default.
  const contents = `export * from '${name}'; import * as all from '${name}'; export default all.default ?? all;`;
  await build({
    stdin: { contents, resolveDir: '.' },
    bundle: true,
    logOverride: { 'import-is-undefined': 'silent' },
    format: 'esm',
    minify: true,
    platform: 'browser',
    target: 'es2022',
    legalComments: 'inline',
    outfile: join(folder, '_esm.js'),
  });
  for (const file of FILES[name] ?? []) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(source, file), join(folder, file), { recursive: true });
  }
}
