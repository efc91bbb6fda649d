import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { synthesizeConfig } from '../../blueprints';
import { packageFile } from '../../blueprints/package-root';
import { secretManifests, secretValues } from '../../stacks/secret-manifests';
import { ensurePrograms, programPath, toolPath } from '../../tools/cluster/programs';
import { plainProgress } from '../../tools/cluster/progress';
import { leaksBelow, leaksIn } from './support/canaries';
import { attempt, type Finished, run } from './support/commands';
import { CLI } from './support/stack';

/** The real programs that take over what `bouture secrets` prints, and the real Pulumi that it asks for a stack's seed. No cluster. */

const CONFIG = packageFile('blueprints', 'minimal', 'config.yaml');
const REGEX = '^(data|stringData)$';

let folder: string;
let env: Readonly<Record<string, string>>;
let seed: string;
beforeAll(async () => {
  await ensurePrograms(['sops', 'pulumi', 'pulumi-language-nodejs'], plainProgress());
  folder = mkdtempSync(join(tmpdir(), 'bouture-gitops-secrets-'));
  const state = mkdtempSync(join(folder, 'state-'));
  env = {
    PATH: `${toolPath()}:${process.env['PATH'] ?? ''}`,
    PULUMI_BACKEND_URL: pathToFileURL(state).href,
    PULUMI_CONFIG_PASSPHRASE: 'of the test',
    SOPS_AGE_KEY_FILE: join(folder, 'key.txt'),
    KUBECONFIG: join(folder, 'no-cluster'),
  };
  seed = (await run('openssl', ['rand', '-base64', '32'])).stdout.trim();
  writeFileSync(join(folder, 'seed'), `${seed}\n`, { mode: 0o600 });
}, 30 * 60_000);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const secrets = (...args: readonly string[]): Promise<Finished> =>
  attempt('node', [CLI, 'secrets', CONFIG, ...args], { cwd: folder, env });
const parsed = (text: string): unknown[] => parseAllDocuments(text).map((each) => each.toJS() as unknown);
const canaries = (rotations = {}) =>
  Object.entries(secretValues(synthesizeConfig(CONFIG), seed, rotations)).map(([id, value]) => ({ id, value }));

describe('sops', () => {
  test('encrypts what is printed, for one key alone, and gives it back', async () => {
    await run(programPath('age-keygen'), ['-o', join(folder, 'key.txt')]);
    const recipient = /age1\w+/.exec(readFileSync(join(folder, 'key.txt'), 'utf8'))?.[0] ?? '';
    const file = join(folder, 'secrets.enc.yaml');
    const script =
      'set -euo pipefail; umask 022; node "$1" secrets "$2" --seed-file "$3" | ' +
      '"$4" encrypt --input-type yaml --output-type yaml --encrypted-regex "$5" --age "$6" /dev/stdin > "$7"';
    const given = [CLI, CONFIG, join(folder, 'seed'), programPath('sops'), REGEX, recipient, file];
    await run('bash', ['-c', script, 'bash', ...given], { cwd: folder, env });

    const committed = readFileSync(file, 'utf8');
    expect(leaksBelow(file, canaries())).toEqual([]);
    expect(committed).not.toContain(seed);
    // Names stay readable: a review sees which Secrets come and go.
    expect(committed).toContain('name: minio-root');
    expect(committed).toContain('rootPassword: ENC[AES256_GCM,');
    const { stdout } = await run(programPath('sops'), ['decrypt', file], { cwd: folder, env });
    expect(leaksIn(stdout, canaries())).toHaveLength(canaries().length);
    expect(parsed(stdout)).toEqual(secretManifests(synthesizeConfig(CONFIG), seed, {}));

    await run(programPath('age-keygen'), ['-o', join(folder, 'other.txt')]);
    const foreign = { ...env, SOPS_AGE_KEY_FILE: join(folder, 'other.txt') };
    const refused = await attempt(programPath('sops'), ['decrypt', file], { cwd: folder, env: foreign });
    expect(refused.code).not.toBe(0);
    expect(leaksIn(refused.output, canaries())).toEqual([]);
  });

  test('leaves the file alone that synth does not own', async () => {
    const out = join(folder, 'charts-out');
    await run('node', [CLI, 'synth', CONFIG, '--out', out], { cwd: folder, env });
    const file = join(out, 'minimal/secrets.enc.yaml');
    writeFileSync(file, 'kept');
    await run('node', [CLI, 'synth', CONFIG, '--out', out], { cwd: folder, env });
    await run('node', [CLI, 'synth', CONFIG, '--out', out, '--check'], { cwd: folder, env });
    expect(readFileSync(file, 'utf8')).toBe('kept');
  });
});

describe('a stack', () => {
  const PULUMI = ['--stack', 'office', '--non-interactive'];

  test('that does not exist, or has no seed, is told', async () => {
    writeFileSync(join(folder, 'Pulumi.yaml'), 'name: bouture\nruntime: nodejs\n');
    const none = await secrets('--stack', 'none');
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toContain('there is no stack none: name one with --stack, or give a --seed-file');
    await run('pulumi', ['stack', 'init', 'office', '--non-interactive'], { cwd: folder, env });
    const unseeded = await secrets('--stack', 'office');
    expect(unseeded).toMatchObject({ code: 1, stdout: '' });
    expect(unseeded.stderr).toContain('has no seed (bouture:seed)');
  });

  test('gives its seed and its rotations, without a cluster, and nothing is written', async () => {
    const set = ['config', 'set', '--secret', 'bouture:seed', ...PULUMI];
    await run('pulumi', set, { cwd: folder, env, input: seed });
    await run('pulumi', ['config', 'set', '--path', 'bouture:rotations["minio-root"]', '2', ...PULUMI], {
      cwd: folder,
      env,
    });
    const file = join(folder, 'Pulumi.office.yaml');
    const [before, time] = [readFileSync(file, 'utf8'), statSync(file).mtimeMs];
    const printed = await secrets('--stack', 'office');
    expect({ code: printed.code, output: printed.code === 0 ? '' : printed.output }).toEqual({ code: 0, output: '' });
    expect(parsed(printed.stdout)).toEqual(secretManifests(synthesizeConfig(CONFIG), seed, { 'minio-root': 2 }));
    expect(printed.stderr).toContain('rollout restart statefulset minio');
    expect(leaksIn(printed.stderr, canaries({ 'minio-root': 2 }))).toEqual([]);
    expect([readFileSync(file, 'utf8'), statSync(file).mtimeMs]).toEqual([before, time]);
    const byFile = await secrets('--seed-file', join(folder, 'seed'), '--rotations', 'minio-root=2');
    expect(byFile.stdout).toBe(printed.stdout);
  });

  test('of another platform is refused, and so is one that cannot be decrypted', async () => {
    const wrong = { ...env, PULUMI_CONFIG_PASSPHRASE: 'another' };
    const locked = await attempt('node', [CLI, 'secrets', CONFIG, '--stack', 'office'], { cwd: folder, env: wrong });
    expect(locked).toMatchObject({ code: 1, stdout: '' });
    expect(locked.stderr).toContain("Pulumi could not decrypt the stack's seed");
    expect(locked.output).not.toContain(seed);
    await run('pulumi', ['config', 'set', 'bouture:platform', 'another', ...PULUMI], { cwd: folder, env });
    const refused = await secrets('--stack', 'office');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('stack office deploys platform another, and the configuration is of bouture');
  });
});

test('a seed that a stack and a file both give is bad input', async () => {
  expect(await secrets('--seed-file', join(folder, 'seed'), '--stack', 'office')).toMatchObject({
    code: 2,
    stdout: '',
  });
});
