import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { START_SCRIPT } from '../../../constructs/catalog/parts/start-script';
import { AUTHORITIES, BUNDLE, SYSTEM_BUNDLE } from '../../../constructs/catalog/parts/surroundings';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bouture-start-'));
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'home'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

/** A program on the PATH of the script. */
function stand(name: string, script: string): void {
  writeFileSync(join(root, 'bin', name), `#!/bin/bash\n${script}\n`);
  chmodSync(join(root, 'bin', name), 0o755);
}

/** Runs the script, with its folders below the test's, and then the command. */
function start(env: Readonly<Record<string, string>>, ...command: readonly string[]) {
  const script = START_SCRIPT.replaceAll(BUNDLE, join(root, 'ca-bundle.crt'))
    .replaceAll(AUTHORITIES, join(root, 'authorities'))
    .replaceAll(SYSTEM_BUNDLE, join(root, 'system.crt'));
  writeFileSync(join(root, 'start.sh'), script);
  return spawnSync('bash', [join(root, 'start.sh'), ...command], {
    cwd: join(root, 'home'),
    env: {
      PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: join(root, 'home'),
      LOG: join(root, 'log'),
      ...env,
    },
    encoding: 'utf8',
  });
}
const log = () => readFileSync(join(root, 'log'), 'utf8');
/** A curl that writes its arguments down and gives a script. */
const CURL = `printf '%s\\n' "$*" >>"$LOG"
while [ $# -gt 0 ]; do if [ "$1" = --output ]; then out=$2; fi; shift; done
printf '%s' "$BODY" >"$out"`;

test('becomes the program that it is given, with its arguments', () => {
  const { status, stdout } = start({}, 'printf', '%s|', 'a b', 'c');
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'a b|c|' });
});

test('fetches over verified TLS only, also after a redirection, and runs what it got with its arguments', () => {
  stand('curl', CURL);
  const { status, stdout, stderr } = start(
    { PERSONAL_INIT_SCRIPT: 'https://example.org/init.sh', PERSONAL_INIT_ARGS: '-v two', BODY: 'printf "<%s>" "$@"' },
    'echo',
    'started',
  );
  expect({ status, stdout }).toEqual({ status: 0, stdout: '<-v><two>started\n' });
  expect(stderr).toContain('start: your script: done');
  expect(log()).toMatch(
    /--fail .*--proto =https --proto-redir =https --tlsv1\.2 .*-- https:\/\/example\.org\/init\.sh\n$/,
  );
  expect(START_SCRIPT).not.toMatch(/--insecure|\scurl\s+-k\b|--no-check-certificate/);
});

test('starts the service when a step fails, and tells which', () => {
  stand('curl', 'exit 22');
  const { status, stdout, stderr } = start(
    { REGION_INIT_SCRIPT: 'https://example.org/a.sh', PERSONAL_INIT_SCRIPT: 'https://example.org/b.sh' },
    'echo',
    'started',
  );
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'started\n' });
  expect(stderr).toBe(
    "start: the office's script: failed, and the service starts without\nstart: your script: failed, and the service starts without\n",
  );
});

test('puts the authorities of the office beside those of the image', () => {
  mkdirSync(join(root, 'authorities'));
  writeFileSync(join(root, 'authorities', 'ca.crt'), 'OFFICE\n');
  writeFileSync(join(root, 'system.crt'), 'SYSTEM\n');
  expect(start({}, 'true').status).toBe(0);
  expect(readFileSync(join(root, 'ca-bundle.crt'), 'utf8')).toBe('SYSTEM\n\nOFFICE\n');
  // For programs that follow no variable.
  expect(readFileSync(join(root, 'system.crt'), 'utf8')).toBe('SYSTEM\n\nOFFICE\n');
});

test('gives the token of Git to the host of the repository alone, and to no file', () => {
  stand('git', `printf '%s\\n' "$*" >>"$LOG"`);
  const { stderr } = start(
    {
      GIT_USER_NAME: 'Ada',
      GIT_USER_MAIL: 'ada@example.org',
      GIT_CREDENTIALS_CACHE_DURATION: '',
      GIT_PERSONAL_ACCESS_TOKEN: 'canary',
      GIT_REPOSITORY: 'https://git.example.org/team/survey.git',
      GIT_BRANCH: 'main',
    },
    'true',
  );
  expect(stderr).toContain('start: Git: done\nstart: repository: done');
  expect(log()).toContain('config --global credential.https://git.example.org.helper !f()');
  expect(log()).toContain('clone --branch main -- https://git.example.org/team/survey.git survey\n');
  expect(log()).not.toContain('canary');
});

test('makes the keys of a secret of Vault environment variables, but for those that decide what runs', () => {
  const body = JSON.stringify({ data: { data: { TOKEN: 'a b\nc', COUNT: 3, PATH: '/evil', 'not a name': 'x' } } });
  stand('curl', CURL);
  // What jq gives for the script's filter: names and texts, each with a zero behind.
  stand('jq', `printf 'TOKEN\\0a b\\nc\\0COUNT\\0003\\0PATH\\0/evil\\0'`.replace('\\0003', '\\x003'));
  const { stdout, stderr } = start(
    {
      VAULT_ADDR: 'https://vault.example.org',
      VAULT_TOKEN: 'canary',
      VAULT_MOUNT: 'kv',
      VAULT_TOP_DIR: 'ada',
      VAULT_RELATIVE_PATH: 'mine',
      BODY: body,
    },
    'bash',
    '-c',
    'printf "%s|%s|" "$TOKEN" "$COUNT"; case $PATH in /evil*) echo evil ;; *) echo fine ;; esac',
  );
  expect(stdout).toBe('a b\nc|3|fine\n');
  expect(stderr).toContain('PATH is not taken from Vault');
  expect(log()).toContain('-- https://vault.example.org/v1/kv/data/ada/mine');
  expect(log()).not.toContain('canary');
});

const STORE = {
  AWS_ENDPOINT_URL: 'https://s3.example.org:9000',
  AWS_S3_ENDPOINT: 's3.example.org:9000',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: "a/b+c'd",
  AWS_SESSION_TOKEN: 'to.ken',
  AWS_DEFAULT_REGION: 'eu-west-3',
  AWS_PATH_STYLE_ACCESS: 'true',
};

test('prepares mc, with a session and without', () => {
  stand('python3', 'exit 1');
  const shown = (env: Readonly<Record<string, string>>) => start(env, 'bash', '-c', 'printf %s "$MC_HOST_s3"').stdout;
  expect(shown(STORE)).toBe("https://key:a/b+c'd:to.ken@s3.example.org:9000");
  expect(shown({ ...STORE, AWS_SESSION_TOKEN: '' })).toBe("https://key:a/b+c'd@s3.example.org:9000");
  expect(shown({})).toBe('');
});

test('prepares DuckDB with the real statement', () => {
  mkdirSync(join(root, 'modules'));
  writeFileSync(
    join(root, 'modules/duckdb.py'),
    'import os\ndef sql(text):\n    open(os.environ["LOG"], "w").write(text)\n',
  );
  const { stderr } = start({ ...STORE, PYTHONPATH: join(root, 'modules') }, 'true');
  expect(stderr).toContain('start: object store for DuckDB: done');
  expect(log().replaceAll(/\s+/g, ' ')).toBe(
    "LOAD httpfs; CREATE OR REPLACE PERSISTENT SECRET s3 (TYPE s3, KEY_ID 'key', SECRET 'a/b+c''d', SESSION_TOKEN 'to.ken', " +
      "REGION 'eu-west-3', ENDPOINT 's3.example.org:9000', URL_STYLE 'path', USE_SSL True)",
  );
});

test('gives R the same environment, but for what R would read as something else', () => {
  stand('R', 'exit 0');
  const { stderr } = start(
    {
      AWS_DEFAULT_REGION: 'eu-west-3',
      AWS_SECRET_ACCESS_KEY: 'a"b',
      VAULT_ADDR: 'https://vault.example.org',
      VAULT_TOKEN: '${HOME}',
      PGPASSWORD: 'a b#c',
      R_REPOSITORY: 'https://cran.example.org',
    },
    'true',
  );
  expect(stderr).toContain('R: AWS_SECRET_ACCESS_KEY is left out');
  expect(stderr).toContain('R: VAULT_TOKEN is left out');
  const lines = readFileSync(join(root, 'home/.Renviron'), 'utf8').trim().split('\n').sort();
  expect(lines).toEqual([
    'AWS_DEFAULT_REGION="eu-west-3"',
    'PGPASSWORD="a b#c"',
    'VAULT_ADDR="https://vault.example.org"',
  ]);
  expect(readFileSync(join(root, 'home/.Rprofile'), 'utf8')).toBe(
    'options(repos = c(CRAN = "https://cran.example.org"))\n',
  );
});
