import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { allImages } from '../../tools/cluster';
import { imageFolder } from '../../tools/cluster/image-manifest';
import { buildImages } from '../../tools/cluster/images';
import { cacheRoot } from '../../tools/cluster/paths';
import { ensurePrograms } from '../../tools/cluster/programs';
import { attempt, type Finished, ROOT, run } from './support/commands';
import { ConfigurationRepository } from './support/configuration-repository';
import { FlawList, type KnownFlaw } from './support/flaw-list';
import { at, listAt } from './support/kubectl';
import { inImage, unpackLayout } from './support/local-image';
import { LocalRegistry } from './support/local-registry';
import { say } from './support/waiting';

const IMAGE = 'nace-annotation';
const SUFFIX = '0123456789ab.1';
const TAG = `1.0.0-${SUFFIX}`;
const FOLDER = 'workloads/nace-coding/annotation';

/** Of a package that the image has in a repaired version, and of one that it does not have. */
const FLAWS: readonly KnownFlaw[] = [
  {
    id: 'GHSA-xqr8-7jwr-rhp7',
    cve: 'CVE-2023-37920',
    severity: 'critical',
    package: 'certifi',
    before: '2023.7.22',
    fixed: true,
  },
  {
    id: 'GHSA-8q59-q68h-6hv4',
    cve: 'CVE-2020-14343',
    severity: 'critical',
    package: 'pyyaml',
    before: '5.4',
    fixed: true,
  },
];

const folder = mkdtempSync(join(tmpdir(), 'bouture-pipeline-'));
const cache = join(folder, 'cache');
let registry: LocalRegistry;
let configuration: ConfigurationRepository;
let flaws: FlawList;
/** Where the office keeps its images: a part of a registry. */
const office = () => `${registry.host}/office`;

/** A cache that has the programs and the ground of the images, and no image of a workload. */
async function makeCache(): Promise<void> {
  const all = allImages();
  const ground = all.filter(({ name }) => name === 'base');
  const progress = { say, step: <T>(_: string, act: () => Promise<T>) => act() };
  await ensurePrograms(['syft', 'grype', 'actionlint'], progress);
  await buildImages(ground, all, progress);
  for (const part of ['programs', 'venvs']) {
    mkdirSync(join(cacheRoot(), part), { recursive: true });
    mkdirSync(cache, { recursive: true });
    symlinkSync(join(cacheRoot(), part), join(cache, part));
  }
  for (const image of ground) {
    const layout = imageFolder(image, all);
    cpSync(layout, join(cache, 'images', layout.slice(layout.lastIndexOf('/') + 1)), { recursive: true });
  }
}

/** What a push to the repository does on GitHub, but for the request to another repository. */
async function pipeline(
  steps: readonly string[],
  {
    root = ROOT,
    out = join(folder, 'out'),
    env = flaws.env,
  }: { root?: string; out?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<Finished> {
  const places = ['--out', out, '--registry', office(), '--no-tls-verify', '--suffix', SUFFIX];
  const clone = steps.includes('promote') ? ['--configuration', await configuration.clone()] : [];
  return attempt('npm', ['run', '--silent', 'pipeline', '--', 'run', IMAGE, ...steps, ...places, ...clone], {
    cwd: root,
    env: { BOUTURE_CACHE: cache, BOUTURE_E2E: '', ...env },
    timeoutSeconds: 1800,
  });
}

/** A copy of the repository, to break something in it. */
async function copyOfRepository(name: string): Promise<string> {
  const copy = join(folder, name);
  mkdirSync(copy);
  const script = 'git ls-files -z | tar --create --null --files-from=- | tar --extract --directory="$0"';
  await run('bash', ['-o', 'pipefail', '-c', script, copy]);
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** Nothing is in the registry, and nobody asked for a promotion. */
async function nothingLeftTheHouse(): Promise<void> {
  expect(await registry.repositories()).toEqual([]);
  expect(await configuration.ask('branch', '--format=%(refname:short)')).toBe('main');
}

beforeAll(async () => {
  await makeCache();
  registry = await LocalRegistry.start();
  configuration = await ConfigurationRepository.of('nace-coding', office());
  flaws = await FlawList.serve(FLAWS);
}, 45 * 60_000);
afterAll(async () => {
  await Promise.all([registry.dispose(), flaws.dispose()]);
  configuration.dispose();
  rmSync(folder, { recursive: true, force: true });
});

test('a broken test stops before anything is built, pushed or promoted', async () => {
  const root = await copyOfRepository('broken');
  const tests = join(root, FOLDER, 'tests');
  for (const file of readdirSync(tests)) rmSync(join(tests, file), { recursive: true });
  writeFileSync(join(tests, 'test_broken.py'), 'def test_the_answer():\n    assert 6 * 9 == 42\n');
  const { code, output } = await pipeline(['test', 'lint', 'build', 'try', 'scan', 'push', 'promote'], { root });
  expect(code).toBe(1);
  expect(output).toContain('the tests of nace-coding/annotation ended with 1');
  expect(output).not.toContain('build image');
  expect(readdirSync(join(cache, 'images')).filter((name) => name.startsWith(IMAGE))).toEqual([]);
  await nothingLeftTheHouse();
});

describe('an image with a package that has a critical flaw', () => {
  let root = '';
  beforeAll(async () => {
    root = await copyOfRepository('flawed');
    const metadata = 'Metadata-Version: 2.1\nName: PyYAML\nVersion: 5.3.1\n';
    mkdirSync(join(root, FOLDER, 'old'));
    writeFileSync(join(root, FOLDER, 'old/METADATA'), metadata);
    const place = '/usr/lib/python3/dist-packages/PyYAML-5.3.1.dist-info/';
    const recipe = [
      'FROM localhost/bouture/base:bookworm',
      `COPY old/METADATA ${place}`,
      'CMD ["dpkg", "--version"]',
      '',
    ];
    writeFileSync(join(root, FOLDER, 'Dockerfile'), recipe.join('\n'));
  });

  test('is not pushed, and the flaw is named with the version that repairs it', async () => {
    const { code, output } = await pipeline(['build', 'try', 'scan', 'push', 'promote'], { root });
    expect(output).toContain('Critical GHSA-8q59-q68h-6hv4: pyyaml 5.3.1, repaired in 5.4');
    expect(code).toBe(1);
    await nothingLeftTheHouse();
  });

  test('is held back by no flaw that nobody has repaired', async () => {
    const unrepaired = await FlawList.serve(FLAWS.map((flaw) => ({ ...flaw, fixed: false })));
    try {
      const { code, output } = await pipeline(['scan'], { root, env: unrepaired.env });
      expect([code, output]).toEqual([0, expect.stringContaining('known flaws that have a repair: 0')]);
    } finally {
      await unrepaired.dispose();
    }
  });

  test('is not let through by an old list of flaws', async () => {
    const old = await FlawList.serve([], 30);
    try {
      const { code, output } = await pipeline(['scan', 'push'], { root, env: old.env });
      expect([code, output]).toEqual([1, expect.stringContaining('max allowed age')]);
      await nothingLeftTheHouse();
    } finally {
      await old.dispose();
    }
  });

  test('is not let through without a list of flaws', async () => {
    const env = { GRYPE_DB_UPDATE_URL: 'http://127.0.0.1:9', GRYPE_DB_CACHE_DIR: join(folder, 'no-flaws') };
    const { code, output } = await pipeline(['scan', 'push'], { root, env });
    expect([code, output]).toEqual([1, expect.stringContaining('database')]);
    await nothingLeftTheHouse();
  });
});

describe('what passes every step', () => {
  let promoted = '';
  beforeAll(async () => {
    const { code, output, seconds } = await pipeline(['test', 'lint', 'build', 'try', 'scan', 'push', 'promote']);
    say(`the whole pipeline took ${seconds.toFixed(0)} s`);
    if (code !== 0) throw new Error(output);
    const config: unknown = parse(await configuration.ask('show', `promote-${IMAGE}-${SUFFIX}:config.yaml`));
    promoted = String(at(config, 'images', 'overrides', IMAGE));
  }, 30 * 60_000);

  test('is in the registry under the digest that the promotion names', async () => {
    const digest = await registry.digestOf(`office/bouture/${IMAGE}`, TAG);
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(promoted).toBe(`bouture/${IMAGE}:${TAG}@${digest ?? ''}`);
    expect(readFileSync(join(folder, 'out', `${IMAGE}.setting`), 'utf8')).toBe(
      `images.overrides.${IMAGE}=${promoted}\n`,
    );
  });

  test('is one commit that changes the configuration and what it renders to, and nothing else', async () => {
    const branch = `promote-${IMAGE}-${SUFFIX}`;
    expect(await configuration.ask('rev-list', '--count', `main..${branch}`)).toBe('1');
    const files = (await configuration.ask('diff', '--name-only', 'main', branch)).split('\n');
    expect(files).toContain('config.yaml');
    expect(files.filter((file) => file !== 'config.yaml' && !file.startsWith('charts-out/'))).toEqual([]);
    const changes = (await configuration.ask('diff', '--unified=0', 'main', branch, '--', 'charts-out')).split('\n');
    const images = changes.flatMap((line) => /^([+-]) *image: (.*)$/.exec(line)?.slice(1).join(' ') ?? []);
    expect(new Set(images)).toEqual(new Set([`- ${office()}/bouture/${IMAGE}:1.0.0`, `+ ${office()}/${promoted}`]));
  });

  test('is sound, and its charts are what it renders to', async () => {
    const clone = await configuration.clone(`promote-${IMAGE}-${SUFFIX}`);
    const [validate, synth] = await configuration.check(clone);
    expect(validate).toMatchObject({ code: 0, stdout: 'config.yaml: valid\n' });
    expect(synth).toMatchObject({ code: 0 });
    // The same check finds charts that somebody forgot.
    await run('git', ['checkout', '--quiet', 'origin/main', '--', 'charts-out'], { cwd: clone });
    expect((await configuration.check(clone))[1]).toMatchObject({ code: 1 });
  });

  test('runs as it is pulled by that digest', async () => {
    const layout = join(folder, 'pulled');
    const [, digest = ''] = promoted.split('@');
    await run('skopeo', [
      'copy',
      '--quiet',
      '--src-tls-verify=false',
      `docker://${office()}/bouture/${IMAGE}@${digest}`,
      `oci:${layout}`,
    ]);
    const { stdout } = await run('skopeo', ['inspect', '--config', `oci:${layout}`]);
    expect(JSON.parse(stdout)).toMatchObject({
      config: { User: '1000:1000', Labels: { 'org.opencontainers.image.version': '1.0.0' } },
    });
    const image = await unpackLayout(layout);
    try {
      const help = inImage(image, { uid: 1000, gid: 1000 }, ['python', '-m', 'nace_annotation', '--help']);
      expect(await help.finished).toMatchObject({ code: 0, stdout: expect.stringContaining('usage:') as string });
    } finally {
      rmSync(image.folder, { recursive: true, force: true });
    }
  });

  test('has a list of its parts, Debian’s and Python’s, none of which has a flaw that holds it back', () => {
    const bom: unknown = JSON.parse(readFileSync(join(folder, 'out', `${IMAGE}.cdx.json`), 'utf8'));
    const parts = listAt(bom, 'components').map((part) => `${String(at(part, 'name'))} ${String(at(part, 'version'))}`);
    const pinned = [...readFileSync(join(ROOT, FOLDER, 'requirements.txt'), 'utf8').matchAll(/^([\w.-]+)==(\S+)/gm)];
    expect(pinned.length).toBeGreaterThan(5);
    const plain = (text: string) => text.toLowerCase().replaceAll(/[._-]+/g, '-');
    for (const [, name = '', version = ''] of pinned) {
      expect(parts.map(plain)).toContain(plain(`${name} ${version}`));
    }
    expect(parts.some((part) => part.startsWith('git 1:'))).toBe(true);
    const report: unknown = JSON.parse(readFileSync(join(folder, 'out', `${IMAGE}.flaws.json`), 'utf8'));
    expect(at(report, 'matches')).toEqual([]);
  });

  test('keeps its tag: another image under it is refused', async () => {
    const root = join(folder, 'flawed');
    expect(existsSync(root)).toBe(true);
    const { code, output } = await pipeline(['push'], { root, out: join(folder, 'other') });
    expect(code).toBe(1);
    expect(output).toContain('is there already, with other content');
  });
});
