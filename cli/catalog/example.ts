import { readFileSync } from 'node:fs';
import { packageFile } from '../../blueprints/package-root';

interface OwnPackage {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** The service of the folder that `bouture catalog init` makes; `docs/catalog.md` explains it line by line. */
const EXAMPLE_SERVICE = `import { defineService, isSet, object, parts, text, value, when, workload } from 'bouture';

/** A page that says hello: replace it by your own service. */
export const greeter = defineService({
  name: 'greeter',
  version: '1.0.0',
  description: { en: 'A page that says hello.', fr: 'Une page qui dit bonjour.' },
  icon: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><circle cx="32" cy="32" r="28" fill="#0f766e"/></svg>',
  home: 'https://www.python.org',
  keywords: ['example'],
  parts: [
    parts.resources({ cpu: { request: 50, limit: 500, max: 1000 }, memory: { limit: 1, max: 4 } }),
    parts.ingress({ port: 'http' }),
    parts.startupProbe(),
    parts.autosuspend(),
  ],
  values: {
    image: value.text({
      default: 'docker.io/library/python:3.13.1-slim',
      title: 'Image',
      description: 'Pin it: repository:tag@sha256:...',
    }),
    greeting: value.text({ default: 'Hello', title: { en: 'Greeting', fr: 'Salutation' } }),
    signature: value.text({ default: '', title: 'Signature' }),
  },
  render: ({ values, parts: shared, chart }) => {
    const page = object('ConfigMap', 'page', {
      data: {
        'index.html': text\`<h1>\${values.greeting}</h1>\\n\`,
        'signature.txt': when(isSet(values.signature), values.signature),
      },
    });
    return {
      objects: [
        page,
        ...workload({
          chart,
          parts: shared,
          uid: 1000,
          container: {
            image: values.image,
            command: ['python3', '-m', 'http.server', '8080', '--directory', '/srv'],
            ports: { http: 8080 },
            probe: { httpGet: { path: '/', port: 'http' } },
            mounts: [{ name: 'page', mountPath: '/srv', readOnly: true }],
          },
          volumes: [{ name: 'page', configMap: { name: page.name } }],
        }),
      ],
      notes: [
        when(isSet(values.ingress.hostname), text\`Your page: https://\${values.ingress.hostname}\`),
      ],
    };
  },
});
`;

const PROGRAM = `import { greeter } from './services/greeter';

/** What \`bouture catalog build\` builds. */
export const services = [greeter];

/** Language of titles and descriptions: Onyxia shows a chart in one. */
export const language = 'en';
`;

/** The test of the example: what Kubernetes gets, computed without Helm. */
const EXAMPLE_TEST = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch } from 'bouture';
import { greeter } from './services/greeter';

test('the page holds the greeting that the person chose', () => {
  const objects = launch(greeter, { values: { greeting: 'Bonjour' } });
  const page = objects.find(({ kind }) => kind === 'ConfigMap');
  assert.deepEqual(page?.['data'], { 'index.html': '<h1>Bonjour</h1>\\n' });
});

test('a paused service has no Pod', () => {
  const [, workload] = launch(greeter, { values: { global: { suspend: true } } });
  assert.equal((workload?.['spec'] as { replicas: number }).replicas, 0);
});

test('a value that the schema lacks is refused', () => {
  assert.throws(() => launch(greeter, { values: { greting: 'Bonjour' } }), /values\\.greting: there is no such value/);
});
`;

/** The files of an office's own catalog, by path. */
export function exampleFiles(name: string): ReadonlyMap<string, string> {
  const own = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as OwnPackage;
  return new Map([
    ['.gitignore', 'node_modules/\n'],
    ['README.md', readme(name)],
    ['catalog.test.ts', EXAMPLE_TEST],
    ['catalog.ts', PROGRAM],
    ['package.json', manifest(name, own)],
    ['services/greeter.ts', EXAMPLE_SERVICE],
    ['tsconfig.json', compiler()],
  ]);
}

function manifest(name: string, own: OwnPackage): string {
  const tools = ['@types/node', 'cdk8s', 'cdk8s-plus-28', 'constructs', 'ts-node', 'typescript'];
  const data = {
    name,
    private: true,
    engines: { node: own.engines.node },
    scripts: {
      build: 'bouture catalog build . --out charts && bouture catalog lint charts',
      test: 'tsc --noEmit && node --require ts-node/register/transpile-only --test catalog.test.ts',
    },
    dependencies: { bouture: `^${own.version}` },
    devDependencies: Object.fromEntries(tools.map((tool) => [tool, own.devDependencies[tool] ?? '*'])),
  };
  return `${JSON.stringify(data, undefined, 2)}\n`;
}

function compiler(): string {
  const options = {
    compilerOptions: {
      target: 'ES2022',
      module: 'node16',
      strict: true,
      skipLibCheck: true,
      noEmit: true,
      types: ['node'],
    },
  };
  return `${JSON.stringify(options, undefined, 2)}\n`;
}

function readme(name: string): string {
  return `# ${name}

The services that our people start from Onyxia. Each is one file below \`services/\`.

\`\`\`
npm install
npm test          # what Kubernetes gets for some choices of values
npm run build     # charts/: packages and index.yaml; serve the folder over https and name it in Onyxia's catalogs
\`\`\`

What is released under a version never changes: raise \`version\` with each change. Keep \`charts/\`, for it holds the versions
that people still run.
`;
}
