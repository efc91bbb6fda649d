import { existsSync, readFileSync } from 'node:fs';
import { costTable } from './costs';
import { synthesizeConfig } from './load';
import { packageFile } from './package-root';
import { jsonSchemaOf, referenceOf } from './reference';
import { blueprints } from './registry';
import { rulesReference } from './rules-reference';

const BEGIN = '<!-- costs: written by npm run generate -->';
const END = '<!-- end of costs -->';

/** The files that are derived from the blueprints, by their path in the package. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const all = Object.values(blueprints);
  const reference = [
    '<!-- prettier-ignore-start -->',
    '',
    '# Configuration',
    '',
    'One YAML file for each installation. `bouture validate FILE` tells everything that is wrong in it at once; an editor that knows',
    'YAML schemas tells it while you type: put `# yaml-language-server: $schema=node_modules/bouture/schemas/minimal.schema.json` on the',
    'first line. A key that this page does not name is refused. What may be left out shows a default or nothing under Default. `NAME`',
    'stands for a name of your choice.',
    '',
    '`bouture validate FILE --json` tells the same to programs: `{file, valid, problems}`, each problem with `file`, `line` and `column` (from',
    '1), `path` (`projects[0].name`), `message`, and where there are such `given`, `expected` and `suggestion`. Exit code 0 is valid, 2 is not.',
    'A value that is or may be a secret is never told.',
    '',
    'This page is written by `npm run generate` from the schemas.',
    '',
    ...all.map(referenceOf),
    '<!-- prettier-ignore-end -->',
    '',
  ].join('\n');
  return new Map([
    ...all.map((blueprint) => [`schemas/${blueprint.name}.schema.json`, jsonSchemaOf(blueprint)] as const),
    ['docs/configuration.md', reference] as const,
    ['docs/rules.md', rulesReference()] as const,
    ...all.map(({ name }) => readmeOf(name)).filter((entry) => entry !== undefined),
  ]);
}

function readmeOf(name: string): readonly [string, string] | undefined {
  const path = `blueprints/${name}/README.md`;
  const file = packageFile(path);
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${path} lacks the lines ${BEGIN} and ${END}`);
  const table = costTable(synthesizeConfig(packageFile('blueprints', name, 'config.yaml')));
  return [
    path,
    `${before}${BEGIN}\n<!-- prettier-ignore-start -->\n\n${table}\n\n<!-- prettier-ignore-end -->\n${END}${after}`,
  ];
}
