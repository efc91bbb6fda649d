import { readFileSync } from 'node:fs';
import { packageFile } from '../../blueprints/package-root';
import { readme } from './readme';
import { workflow } from './workflow';

/** What an office's folder is made from. */
export interface OfficeProps {
  /** Name of the installation: a DNS label of at most 30 characters. */
  readonly name: string;
  /** Blueprint to start from. */
  readonly blueprint: string;
  /** Domain in which everything gets a host. @default - that of the blueprint's example */
  readonly domain?: string;
  /** Registry that every image is pulled from. @default - that of the embedded cluster */
  readonly mirror?: string;
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

/** The files of an office's own folder, by path; what is rendered from them is not among them. */
export function officeFiles(office: OfficeProps): ReadonlyMap<string, string> {
  const { name, blueprint } = office;
  const own = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as OwnPackage;
  return new Map([
    ['.github/workflows/check.yaml', workflow()],
    ['.gitignore', 'node_modules/\ndist/\n.bouture/\n'],
    ['Pulumi.yaml', pulumiProject(name)],
    ['README.md', readme(name, blueprint)],
    ['cdk8s.yaml', cdk8sProject()],
    ['config.yaml', withProgram(officeConfig(office))],
    ['main.ts', pulumiProgram()],
    ['office.ts', officeProgram(name)],
    ['package.json', manifest(name, own)],
    ['tsconfig.json', compiler()],
  ]);
}

/** The domain in which the blueprint's example gives everything a host. @default - undefined where it gives no hosts */
export function exampleDomain(blueprint: string): string | undefined {
  return /^exposure:\n {2}domain: (\S+)$/m.exec(exampleOf(blueprint))?.[1];
}

/** The registry that the blueprint's example pulls from. */
export function exampleMirror(blueprint: string): string {
  return /^ {2}mirror: (\S+)$/m.exec(exampleOf(blueprint))?.[1] ?? '';
}

/** The blueprint's example under the office's own names, with the schema where npm puts it. It names no program yet. */
export function officeConfig({ name, blueprint, domain, mirror }: OfficeProps): string {
  const example = exampleOf(blueprint);
  const [, old = ''] = /^name: (\S+)$/m.exec(example) ?? [];
  const known = exampleDomain(blueprint);
  const named = example
    .replace(/^(# yaml-language-server: \$schema=).*$/m, `$1node_modules/bouture/schemas/${blueprint}.schema.json`)
    .replace(/^name: .*$/m, `name: ${name}`)
    // Namespaces stand in comments only; elsewhere the blueprint's name may begin in the same way.
    .replace(/^ *#.*$/gm, (comment) => comment.replaceAll(`${old}-`, `${name}-`))
    .replaceAll('my-config.yaml', 'config.yaml');
  const reached =
    domain === undefined || known === undefined
      ? named
      : named.replace(new RegExp(`(domain: (?:\\S+\\.)?)${known.replaceAll('.', '\\.')}$`, 'gm'), `$1${domain}`);
  return mirror === undefined ? reached : reached.replace(/^( {2}mirror: ).*$/m, `$1${mirror}`);
}

function exampleOf(blueprint: string): string {
  return readFileSync(packageFile('blueprints', blueprint, 'config.yaml'), 'utf8');
}

function withProgram(config: string): string {
  return config.replace(
    /^profile: .*$/m,
    `$&\n\n# What this office adds: constructs of its own, overrides of rendered objects, services, looks.\nprogram: office.ts`,
  );
}

function officeProgram(name: string): string {
  return `import { defineOffice } from 'bouture/blueprints';
// import { MinioTenant, override } from 'bouture';
// import { greeter } from './services/greeter';

// What this office adds to its blueprint. config.yaml names this file: every command, \`pulumi up\` and \`cdk8s synth\` take it from here.
export default defineOffice({
  // Constructs of your own, one class a file below parts/, beside the parts that the blueprint has made.
  extend: ({ scope, platform, config }) => {
    // platform.part(MinioTenant).addBucket('surveys', { versioning: true });
  },
  // Changes of any rendered object that no setting makes. An object that an upgrade has no longer fails \`npm run check\`.
  overrides: [
    // override({ kind: 'Namespace', name: '${name}-mlflow' }, { metadata: { labels: { 'example.org/owner': 'methods' } } }),
  ],
  // Services of your own for Onyxia's catalog, one a file below services/: \`npx bouture catalog init\` makes a first one.
  // services: [greeter],
  // How the pages of Onyxia look and what they say.
  // branding: { tabTitle: 'Data platform', headerTextBold: 'Office', headerTextFocus: 'Data platform' },
});
`;
}

function pulumiProgram(): string {
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
      types: 'tsc --noCheck false',
      synth: 'bouture synth config.yaml',
      check: 'bouture validate config.yaml && tsc --noCheck false && bouture synth config.yaml --check',
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
  // Pulumi only strips the types from the program; \`npm run types\` checks them.
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
