import { readFileSync } from 'node:fs';
import { packageFile } from '../../blueprints/package-root';
import { readme } from './readme';

/** What an office's folder is made from. */
export interface OfficeProps {
  /** Name of the installation: a DNS label of at most 30 characters. */
  readonly name: string;
  /** Blueprint to start from. */
  readonly blueprint: string;
}

interface OwnPackage {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** What the office depends on beside this library, at the versions that the library is tested with. */
const COMPANIONS = ['@pulumi/kubernetes', '@pulumi/pulumi', 'cdk8s', 'cdk8s-plus-28', 'constructs'];

/** With what Pulumi runs a program in TypeScript, and a policy pack. */
const TOOLS = ['@pulumi/policy', '@types/node', 'ts-node', 'typescript'];

/** The files of an office's own folder, by path. */
export function officeFiles({ name, blueprint }: OfficeProps): ReadonlyMap<string, string> {
  const own = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as OwnPackage;
  return new Map([
    ['.github/workflows/check.yaml', workflow()],
    ['.gitignore', 'node_modules/\ndist/\n.bouture/\n'],
    ['Pulumi.yaml', pulumiProject(name)],
    ['README.md', readme(name, blueprint)],
    ['cdk8s.yaml', cdk8sProject()],
    ['config.yaml', configuration(name, blueprint)],
    ['main.ts', program()],
    ['package.json', manifest(name, own)],
    ['tsconfig.json', compiler()],
  ]);
}

/** The blueprint's example under the office's own name, with the schema where npm puts it. */
function configuration(name: string, blueprint: string): string {
  const example = readFileSync(packageFile('blueprints', blueprint, 'config.yaml'), 'utf8');
  const [, old = ''] = /^name: (\S+)$/m.exec(example) ?? [];
  return example
    .replace(/^(# yaml-language-server: \$schema=).*$/m, `$1node_modules/bouture/schemas/${blueprint}.schema.json`)
    .replace(/^name: .*$/m, `name: ${name}`)
    .replaceAll(`${old}-`, `${name}-`)
    .replaceAll('my-config.yaml', 'config.yaml');
}

function program(): string {
  return `import { resolve } from 'node:path';
import { synthesizeConfig } from 'bouture/blueprints';
import { platformProgram } from 'bouture/stacks';

// What \`pulumi up\` runs: the platform of config.yaml, or of the file that \`pulumi config set bouture:config FILE\` names.
module.exports = () => platformProgram((config) => synthesizeConfig(resolve(__dirname, config ?? 'config.yaml')));
`;
}

function manifest(name: string, own: OwnPackage): string {
  const content = {
    name,
    version: '0.1.0',
    private: true,
    engines: own.engines,
    scripts: {
      validate: 'bouture validate config.yaml',
      synth: 'bouture synth config.yaml',
      check: 'bouture synth config.yaml --check',
      diff: 'bouture diff config.yaml',
      doctor: 'bouture doctor config.yaml',
      up: 'bouture up config.yaml',
    },
    dependencies: { ...versions(COMPANIONS, own), bouture: `^${own.version}` },
    devDependencies: versions(TOOLS, own),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/** Packages at the versions that the library is tested with. */
function versions(packages: readonly string[], { devDependencies }: OwnPackage): Readonly<Record<string, string>> {
  return Object.fromEntries(packages.map((name) => [name, devDependencies[name] ?? '*']));
}

function pulumiProject(name: string): string {
  return `# Chooses another configuration file: pulumi config set bouture:config FILE
name: ${name}
description: A data-science platform, grown by Bouture from one configuration file
runtime:
  name: nodejs
  options:
    typescript: true
main: main.ts
`;
}

function cdk8sProject(): string {
  return `# cdk8s synth writes the same files as npm run synth, into a folder of its own, for it empties that folder first.
language: typescript
app: bouture synth config.yaml --out dist/manifests
output: dist/manifests
`;
}

function compiler(): string {
  return `{
  // Pulumi only strips the types from the program; \`npx tsc --noCheck false\` checks them.
  "compilerOptions": {
    "target": "ES2022",
    "module": "node16",
    "moduleResolution": "node16",
    "strict": true,
    "skipLibCheck": true,
    "noEmit": true,
    "noCheck": true,
    "types": ["node"]
  }
}
`;
}

/** Actions by commit: a tag can be moved to other code. */
function workflow(): string {
  return `# The configuration is sound, and charts-out/ is what it renders to: a review of charts-out/ is a review of what will run.
name: check
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
        with:
          persist-credentials: false
      - uses: actions/setup-node@49933ea5288caeca8642d1e84afbd3f7d6820020 # v4.4.0
        with:
          node-version: 22
          cache: npm
      - run: npm ci
      - run: npm run validate
      - run: npm run check
`;
}
