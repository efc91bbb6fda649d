import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { synthesizeConfig } from '../../blueprints';
import { packageFile } from '../../blueprints/package-root';
import { run } from '../../cli/commands/secrets';
import { secretManifests, secretValues } from '../../stacks/secret-manifests';
import { capture, type Captured } from './capture';

const CONFIG = packageFile('blueprints', 'minimal', 'config.yaml');
const SSPCLOUD = packageFile('blueprints', 'sspcloud', 'config.yaml');
const SEED = Buffer.alloc(32, 9).toString('base64');
const VALUES = Object.values(secretValues(synthesizeConfig(CONFIG), SEED, {}));

let folder = '';
let seedFile = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bouture-secrets-'));
  seedFile = seedOf(SEED);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function seedOf(text: string, mode = 0o600): string {
  const file = join(folder, 'seed');
  writeFileSync(file, `${text}\n`);
  chmodSync(file, mode);
  return file;
}

const secrets = (options: Readonly<Record<string, unknown>>, config = CONFIG) => capture(run, [config], options);
const parsed = (text: string): unknown[] => parseAllDocuments(text).map((each) => each.toJS() as unknown);

/** What stands of the seed or of a value in what a command said, in clear or in base64. */
function leaks({ out, err }: Captured, seed = SEED): readonly string[] {
  return [seed, ...VALUES].filter((value) =>
    [value, Buffer.from(value).toString('base64').replace(/=+$/, '')].some((form) => (out + err).includes(form)),
  );
}

/** Runs as if somebody sat before it. */
async function onTerminal<T>(act: () => Promise<T>): Promise<T> {
  const { isTTY } = process.stdout;
  process.stdout.isTTY = true;
  try {
    return await act();
  } finally {
    process.stdout.isTTY = isTTY;
  }
}

describe('with a seed file', () => {
  test('prints the Secrets that the deployment makes, and nothing else', async () => {
    const { code, out, err } = await secrets({ seedFile });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(parsed(out)).toEqual(secretManifests(synthesizeConfig(CONFIG), SEED, {}));
  });

  test('prints the same bytes each time, and others for another seed', async () => {
    const first = await secrets({ seedFile });
    expect(await secrets({ seedFile })).toEqual(first);
    expect((await secrets({ seedFile: seedOf(Buffer.alloc(32, 8).toString('base64')) })).out).not.toBe(first.out);
  });

  test('prints the values by name, for a store of secrets', async () => {
    const { out } = await secrets({ seedFile, values: true });
    expect(JSON.parse(out)).toEqual(secretValues(synthesizeConfig(CONFIG), SEED, {}));
  });

  test('counts rotations, and tells once what to restart, in the order of waves', async () => {
    const { code, out, err } = await secrets({ seedFile, rotations: ['minio-user-mlflow=2'] });
    expect(code).toBe(0);
    expect(parsed(out)).toEqual(secretManifests(synthesizeConfig(CONFIG), SEED, { 'minio-user-mlflow': 2 }));
    expect(err.replace(/-[0-9a-f]{10} /g, '-HASH ')).toMatchInlineSnapshot(`
      "values have been rotated. Once, after these Secrets are applied, restart what reads them, then apply the manifests again:
        kubectl -n bouture-minio delete job minio-provisioning-HASH --ignore-not-found
        kubectl -n bouture-mlflow rollout restart deployment mlflow
      "
    `);
  });
});

describe('refuses', () => {
  test.each([
    ['readable by others', SEED, 0o644, /has mode 0644: .* Expected 0600: chmod 600 /],
    ['writable by its group', SEED, 0o620, /has mode 0620/],
    [
      'too short',
      Buffer.alloc(31, 9).toString('base64'),
      0o600,
      /expected 32 random bytes in base64, 44 characters, found 44/,
    ],
    ['no base64', '!'.repeat(44), 0o600, /holds no seed/],
    ['empty', '', 0o600, /holds no seed: .* found 0/],
  ])('a seed file that is %s, without telling it', async (_, text, mode, message) => {
    const said = await secrets({ seedFile: seedOf(text, mode) });
    expect(said.code).toBe(1);
    expect(said.out).toBe('');
    expect(said.err).toMatch(message);
    expect(leaks(said, text === '' ? SEED : text)).toEqual([]);
  });

  test('a folder, and a file that is not there', async () => {
    const dir = join(folder, 'dir');
    mkdirSync(dir, { mode: 0o700 });
    expect((await secrets({ seedFile: dir })).err).toMatch(/is no file/);
    expect((await secrets({ seedFile: join(folder, 'none') })).err).toMatch(/ENOENT.*umask 077/);
  });

  test('a terminal, unless it is told to', async () => {
    const shown = await onTerminal(() => secrets({ seedFile, show: true }));
    expect(leaks(shown).length).toBe(VALUES.length);
    for (const values of [false, true]) {
      const said = await onTerminal(() => secrets({ seedFile, values }));
      expect(said.code).toBe(2);
      expect(said.err).toContain('these are secrets: pipe them');
      expect(leaks(said)).toEqual([]);
    }
  });

  test.each([
    [['minio-rot=1'], CONFIG, 'no generated secret is called minio-rot: there are '],
    [['minio-root'], CONFIG, '--rotations minio-root: expected ID=COUNT, such as minio-root=1'],
    [['minio-root=0'], CONFIG, 'expected ID=COUNT'],
    [['vault-unseal=1'], SSPCLOUD, 'vault-unseal is never rotated: the servers encrypt their key with it'],
  ])('rotations %s', async (rotations, config, message) => {
    const said = await secrets({ seedFile, rotations }, config);
    expect(said.code).toBe(2);
    expect(said.err).toContain(message);
    expect(said.out).toBe('');
  });

  test('rotations beside a stack, which knows its own', async () => {
    expect(await secrets({ rotations: ['minio-root=1'] })).toMatchObject({ code: 2, out: '' });
  });

  test('a configuration that is wrong, before it reads any seed', async () => {
    const config = join(folder, 'config.yaml');
    writeFileSync(config, 'apiVersion: bouture.dev/v1\nblueprint: minimal\nnam: x\n');
    const said = await secrets({ seedFile }, config);
    expect(said.code).toBe(2);
    expect(leaks(said)).toEqual([]);
  });
});

describe('for External Secrets', () => {
  test('needs no seed and prints no value, also on a terminal', async () => {
    const { code, out } = await onTerminal(() => secrets({ externalSecrets: 'ClusterSecretStore/office' }));
    expect(code).toBe(0);
    expect(out).toContain('kind: ClusterSecretStore');
    expect(leaks({ code, out, err: '' })).toEqual([]);
  });

  test('refuses a store of another kind', async () => {
    expect(await secrets({ externalSecrets: 'Secret/office' })).toMatchObject({
      code: 1,
      err: '--external-secrets Secret/office: expected NAME, SecretStore/NAME or ClusterSecretStore/NAME\n',
    });
  });
});
