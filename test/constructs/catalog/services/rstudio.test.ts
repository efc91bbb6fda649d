import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { chartOf, imagesOf, launch, lintChart, rstudioService } from '../../../../constructs';
import { SIGN_IN_SCRIPT, START_SCRIPT } from '../../../../constructs/catalog/services/rstudio';
import { image } from '../fixture';
import { brokenRules, packageOf, podOf } from './support';

const images = [image('rstudio')] as const;
const rstudio = rstudioService({ images });
const { username } = userInfo();

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bouture-rstudio-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** Runs a script as the container would, with programs of the test on its PATH. */
function run(script: string, args: readonly string[], env: Readonly<Record<string, string>>, input = '') {
  const file = join(root, 'script.sh');
  writeFileSync(file, script);
  chmodSync(file, 0o555);
  const PATH = `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`;
  return spawnSync(file, args, { env: { PATH, ...env }, input, encoding: 'utf8' });
}

describe('signing in', () => {
  const PASSWORD = String.raw`a b'c"d\n$e*é`;
  const status = (name: readonly string[], given: string, env: Readonly<Record<string, string>> = { PASSWORD }) =>
    run(SIGN_IN_SCRIPT, name, env, given).status;

  test('is for the person with the password', () => {
    expect(status([username, 'rstudio', '1'], PASSWORD)).toBe(0);
    expect(status([username, 'rstudio', '1'], `${PASSWORD}\n`)).toBe(0);
  });

  test.each([
    ['another password', [username], 'guess'],
    ['the beginning of it', [username], PASSWORD.slice(0, -1)],
    ['more than it', [username], `${PASSWORD}x`],
    ['a pattern that it matches', [username], '*'],
    ['no password', [username], ''],
    ['another name', ['nobody'], PASSWORD],
    ['no name', [], PASSWORD],
  ])('is not for %s', (_, name, given) => {
    expect(status(name, given)).not.toBe(0);
  });

  test('is for nobody while the service has no password', () => {
    expect(status([username], '', { PASSWORD: '' })).not.toBe(0);
    expect(status([username], '', {})).not.toBe(0);
  });
});

test('starts as the person, keeps its state in a folder of theirs, and asks for the password', () => {
  mkdirSync(join(root, 'bin'));
  const stand = (name: string, script: string) => {
    writeFileSync(join(root, 'bin', name), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
  };
  stand('R', '');
  stand('rserver', `printf '%s\\n' "USER=$USER" "$@"`);
  const state = join(root, 'state');
  const { status, stdout } = run(START_SCRIPT.replaceAll('/tmp/rstudio', state), [], {});
  expect(status).toBe(0);
  const options = stdout.split('\n');
  expect(options).toEqual(
    expect.arrayContaining([
      `USER=${username}`,
      `--server-user=${username}`,
      `--rsession-which-r=${join(root, 'bin', 'R')}`,
      '--auth-none=0',
      '--www-port=8787',
    ]),
  );
  const fileOf = (option: string) => options.find((each) => each.startsWith(`--${option}=`))?.split('=')[1] ?? '';
  expect(statSync(fileOf('secure-cookie-key-file')).mode & 0o777).toBe(0o600);
  expect(readFileSync(fileOf('secure-cookie-key-file'), 'utf8').trim()).toHaveLength(36);
  expect(readFileSync(fileOf('database-config-file'), 'utf8')).toBe(
    `provider=sqlite\ndirectory=${join(state, 'database')}\n`,
  );
  expect(statSync(fileOf('server-data-dir')).isDirectory()).toBe(true);
});

test('names the program that asks for the password where the container finds it', () => {
  const objects = launch(rstudio);
  const [container] = podOf(objects).spec.containers as unknown as [
    { volumeMounts: readonly { name: string; mountPath: string }[]; command: readonly string[] },
  ];
  const folder = container.volumeMounts.find(({ name }) => name === 'rstudio')?.mountPath ?? '';
  const files = Object.keys(objects.find(({ metadata }) => metadata.name === 'test-rstudio')?.['data'] as object);
  const named = /--auth-pam-helper-path=(\S+)/.exec(START_SCRIPT)?.[1];
  expect(files.map((file) => `${folder}/${file}`)).toEqual(expect.arrayContaining([named, container.command.at(-1)]));
});

test('has its password from the Secret alone', () => {
  const objects = launch(rstudio, { values: { security: { password: 'canary-of-a-secret' } } });
  expect(podOf(objects).env).toContainEqual({
    name: 'PASSWORD',
    valueFrom: { secretKeyRef: { name: 'test-password', key: 'password' } },
  });
  const holders = objects.filter((object) => JSON.stringify(object).includes('canary-of-a-secret'));
  expect(holders.map(({ kind }) => kind)).toEqual(['Secret']);
});

test('keeps the rules of the house, and passes its own linter', () => {
  // A person installs packages.
  expect(brokenRules(launch(rstudio))).toEqual(['read-only-root StatefulSet user-test/test']);
  const chart = packageOf(rstudio);
  expect(lintChart(chart)).toEqual([]);
  expect(imagesOf(chart)).toEqual([image('rstudio').reference]);
});

test('tells the name that it asks for, in the language of the catalog', () => {
  const notes = (language: 'en' | 'fr') => String(chartOf(rstudio, language).files.get('templates/NOTES.txt'));
  expect(notes('en')).toContain('RStudio asks for a name, `onyxia`, and the password of the service:');
  expect(notes('fr')).toContain('RStudio demande un nom, `onyxia`, et le mot de passe du service :');
});

test('has variants for other languages, and for GPUs', () => {
  expect(rstudio).toMatchObject({ name: 'rstudio', keywords: ['ide', 'r', 'rstudio'] });
  const julia = rstudioService({ images, languages: 'r-python-julia', gpus: 2 });
  expect(julia.name).toBe('rstudio-r-python-julia-gpu');
  expect(julia.description).toMatchObject({
    en: 'RStudio: an editor with R, Python and Julia on GPUs, your data and your secrets in place.',
  });
});
