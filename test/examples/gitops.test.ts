import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { at, listAt } from '../support/objects';

const ROOT = join(__dirname, '..', '..');
const EXAMPLE = join(ROOT, 'examples', 'gitops');
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

let folder = '';
let config = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bouture-gitops-'));
  config = join(folder, 'config.yaml');
  copyFileSync(join(ROOT, 'blueprints', 'minimal', 'config.yaml'), config);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function promote(...settings: readonly string[]): { readonly status: number | null; readonly error: string } {
  const { status, stderr } = spawnSync('node', [join(EXAMPLE, 'promote.mjs'), config, ...settings], {
    encoding: 'utf8',
  });
  return { status, error: stderr };
}

test('a promotion changes the settings that it names, and no other line', () => {
  const before = readFileSync(config, 'utf8').split('\n');
  const image = `registry.example.org/mlflow:3.1@${DIGEST}`;
  expect(promote(`images.overrides.mlflow=${image}`, 'mlflow.replicas=3')).toEqual({ status: 0, error: '' });
  const text = readFileSync(config, 'utf8');
  expect(at(parse(text), 'images', 'overrides', 'mlflow')).toBe(image);
  expect(at(parse(text), 'mlflow', 'replicas')).toBe(3);
  const comments = (lines: readonly string[]) => lines.filter((line) => line.includes('#')).map((line) => line.trim());
  expect(comments(text.split('\n'))).toEqual(comments(before));
});

test.each([
  ['an image by tag', 'images.overrides.mlflow=registry.example.org/mlflow:3.1', 2, 'is no image by digest'],
  ['what is no setting', '--profile=pilot', 2, 'expected a setting'],
  ['what is so already', 'blueprint=minimal', 1, 'says so already'],
])('refuses %s, and changes nothing', (_, setting, status, message) => {
  const before = readFileSync(config, 'utf8');
  const answer = promote(setting);
  expect(answer.status).toBe(status);
  expect(answer.error).toContain(message);
  expect(readFileSync(config, 'utf8')).toBe(before);
});

test('the workflows name every action by its commit, and let none write but those that open a pull request or render', () => {
  const files = readdirSync(join(EXAMPLE, 'workflows'));
  expect(files).toEqual(['check.yaml', 'promote.yaml', 'render.yaml']);
  for (const file of files) {
    const workflow: unknown = parse(readFileSync(join(EXAMPLE, 'workflows', file), 'utf8'));
    for (const job of Object.values(at(workflow, 'jobs') as object)) {
      for (const step of listAt(job, 'steps')) {
        const uses = at(step, 'uses');
        if (uses !== undefined) expect(uses).toEqual(expect.stringMatching(/@[0-9a-f]{40}$/));
      }
    }
    const permissions = JSON.stringify(at(workflow, 'permissions'));
    expect(permissions).toBe(file === 'check.yaml' ? '{"contents":"read"}' : '{}');
  }
});

describe('a whole platform without Pulumi', () => {
  const manifestsOf = (blueprint: string): readonly unknown[] => {
    const charts = join(ROOT, 'charts-out', blueprint);
    const files = readdirSync(charts, { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.k8s.yaml'),
    );
    return files.flatMap((file) =>
      parseAllDocuments(readFileSync(join(charts, file), 'utf8'), { version: '1.1' }).map(
        (each) => each.toJS() as unknown,
      ),
    );
  };

  test.each(['minimal', 'nace-coding', 'sspcloud'])(
    'in %s the label that apply.sh finds namespaces by is on all of them, and on nothing else',
    (blueprint) => {
      expect(readFileSync(join(EXAMPLE, 'apply.sh'), 'utf8')).toContain(
        ' --selector pod-security.kubernetes.io/enforce',
      );
      const kinds = (labelled: boolean) =>
        manifestsOf(blueprint)
          .filter(
            (each) => (at(each, 'metadata', 'labels', 'pod-security.kubernetes.io/enforce') !== undefined) === labelled,
          )
          .map((each) => at(each, 'kind'));
      expect(new Set(kinds(true))).toEqual(new Set(['Namespace']));
      expect(kinds(false)).not.toContain('Namespace');
    },
  );

  test('the Application may make all that blueprint minimal has, and follows no encrypted file', () => {
    const text = readFileSync(join(EXAMPLE, 'argo-cd/application.yaml'), 'utf8');
    const [project, application] = parseAllDocuments(text).map((each) => each.toJS() as unknown);
    const namespaces = new Set(manifestsOf('minimal').map((each) => at(each, 'metadata', 'namespace')));
    for (const namespace of namespaces) if (namespace !== undefined) expect(namespace).toMatch(/^bouture-/);
    const clusterKinds = manifestsOf('minimal')
      .filter((each) => at(each, 'metadata', 'namespace') === undefined)
      .map((each) => at(each, 'kind'));
    expect(listAt(project, 'spec', 'clusterResourceWhitelist').map((each) => at(each, 'kind'))).toEqual([
      ...new Set(clusterKinds),
    ]);
    expect(at(application, 'spec', 'project')).toBe(at(project, 'metadata', 'name'));
    expect(at(application, 'spec', 'source', 'directory')).toEqual({ recurse: true, exclude: '*.enc.yaml' });
    expect(at(application, 'spec', 'syncPolicy', 'automated', 'prune')).toBe(false);
  });

  test.each(['apply.sh', 'gone.sh'])('%s says how it is called', (script) => {
    const { status, stderr } = spawnSync('bash', [join(EXAMPLE, script)], { encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(stderr).toContain(`usage: bash ${script} FOLDER`);
  });
});
