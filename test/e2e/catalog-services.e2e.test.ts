import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../blueprints/load';
import {
  BUILT_IN_SERVICES,
  builtInServices,
  type CatalogService,
  defaultServices,
  readPackage,
} from '../../constructs';
import type { JsonValue } from '../../constructs/catalog/schema-definition';
import { ensurePrograms } from '../../tools/cluster/programs';
import { undisturbed } from './support/browser';
import { CRAN_SCRIPT, fileServer, WHEEL_SCRIPT } from './support/file-server';
import { HelmFolder } from './support/helm';
import { apply, at, find, get, kubectl, list, listAt, textAt } from './support/kubectl';
import { Notebook } from './support/notebook';
import { chartOf, fromCatalog, launchValues, openSpace } from './support/onyxia';
import {
  asPerson,
  CONFIG,
  deployPlatform,
  mc,
  Person,
  person,
  personalKubeconfig,
  PLATFORM,
  removePlatform,
  screenshot,
} from './support/people-platform';
import { SERVICE_PAGES } from './support/service-pages';
import { eventually, say, sleep } from './support/waiting';

/**
 * Services of the catalog, launched as Onyxia launches them: from the catalog that the platform serves, with values computed from what
 * the person's page knows, by the real Helm with the person's own token, in the person's space.
 */

const SPACE = 'user-alpha';
/** Services whose images their makers publish, and nobody can have here. */
const PULLED = ['mongodb', 'gravitee', 'rstudio'];
const FILES = `${SPACE}--files.lab.data.test`;
type Json = { readonly [name: string]: JsonValue };

let alpha: Person;
let beta: Person;
let services: readonly CatalogService[];

beforeAll(async () => {
  await ensurePrograms(['helm'], { say, step: (_, act) => act() });
  await deployPlatform();
  services = builtInServices(loadConfig(CONFIG).compose().images, defaultServices(true));
  for (const name of ['alpha', 'beta']) await person(name);
  alpha = await Person.arrives('alpha');
  beta = await Person.arrives('beta');
  for (const name of ['alpha', 'beta']) await openSpace(name);
  await eventually('the guards of the space', async () => find('limitrange', 'platform', SPACE), { seconds: 120 });
  await mc(await alpha.credentials(), 'mb', '--ignore-existing', `store/${SPACE}`);
  expect(await alpha.secret(await alpha.vault(), 'POST', `data/${SPACE}/notebook`)).toBe(200);
});

afterAll(async () => {
  await kubectl(['delete', 'namespace', SPACE, 'user-beta', '--ignore-not-found'], { timeoutSeconds: 180 });
  await removePlatform();
});

const named = (name: string): CatalogService => {
  const found = services.find((service) => service.name === name);
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
};

/** Runs Helm with somebody's token, as Onyxia's API does. @param files what it finds in its folder, by name */
async function helm(
  who: Person,
  args: readonly string[],
  files: Readonly<Record<string, Uint8Array | string>> = {},
): Promise<string> {
  const folder = new HelmFolder(await personalKubeconfig(await who.token('onyxia')));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder.path, name), content);
    const paths = args.map((arg) => (arg in files ? join(folder.path, arg) : arg));
    const { code, stdout, stderr } = await folder.helm(...paths, '--namespace', SPACE);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  } finally {
    folder.remove();
  }
}

/** Launches a service in alpha's space. @returns the values that it was launched with */
async function launch(release: string, chart: string, changed: Json = {}, who: Person = alpha): Promise<Json> {
  const { file, bytes } = await chartOf(chart);
  const values = await launchValues(named(chart), who, SPACE, changed);
  const args = ['upgrade', '--install', '--history-max', '0', release, file, '--values', 'values.json'];
  await helm(who, args, { [file]: bytes, 'values.json': JSON.stringify(values) });
  return values;
}

/** Sets values, as Onyxia's buttons do. */
async function set(release: string, chart: string, value: string): Promise<void> {
  const { file, bytes } = await chartOf(chart);
  await helm(alpha, ['upgrade', release, file, '--reuse-values', '--set', value], { [file]: bytes });
}

async function isReady(release: string): Promise<void> {
  await eventually(
    `${release} to be ready`,
    async () => at(await get('statefulset', release, SPACE), 'status', 'readyReplicas') === 1,
    { seconds: 300, everySeconds: 2 },
  );
}

/** A web server of the person's own, with a repository, a script and mirrors of packages for Python and R. */
async function serveFiles(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bouture-files-'));
  try {
    const script = `set -eu
git init --quiet work && cd work
git config user.name a && git config user.email a@example.org
echo hello >README.md && git add . && git commit --quiet --message first && cd ..
git clone --quiet --bare work www/survey.git && git -C www/survey.git update-server-info
printf 'echo "$1" >"$HOME/initialized"\\n' >www/init.sh
mkdir -p www/simple/surveykit
python3 -c "$WHEEL" www/simple/surveykit/surveykit-1.0-py3-none-any.whl
echo '<a href="surveykit-1.0-py3-none-any.whl">surveykit-1.0-py3-none-any.whl</a>' >www/simple/surveykit/index.html
(cd www && bash -euc "$CRAN")
tar -C www -cf files.tar .`;
    execFileSync('bash', ['-c', script], {
      cwd: folder,
      env: { ...process.env, WHEEL: WHEEL_SCRIPT, CRAN: CRAN_SCRIPT },
    });
    const archive = readFileSync(join(folder, 'files.tar')).toString('base64');
    const image = textAt(
      await get('deployment', 'catalog-catalog', `${PLATFORM}-catalog`),
      ...['spec', 'template', 'spec', 'containers', 0, 'image'],
    );
    await apply(...fileServer({ namespace: SPACE, host: FILES, image, archive }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the catalog is served as it was built', async () => {
  for (const service of services) {
    const { file, bytes } = await chartOf(service.name);
    expect(readPackage(file, bytes).files.get('Chart.yaml')).toContain(`version: ${service.version}`);
  }
  await expect(fromCatalog('nothing-1.0.0.tgz')).rejects.toThrow();
});

test('PostgreSQL starts, and its own test passes', async () => {
  await launch('db', 'postgresql', { persistence: { size: '1Gi' } });
  await isReady('db');
  expect(await helm(alpha, ['test', 'db'])).toContain('Phase:          Succeeded');
});

test.each(
  BUILT_IN_SERVICES.filter(
    (name) => !['jupyter-python', 'postgresql', ...PULLED].includes(name) && !name.endsWith('-gpu'),
  ),
)('%s starts beside it, passes its own test, opens in a browser behind its password, and goes', async (name) => {
  const isKept = 'persistence' in (named(name).schema.properties ?? {});
  const values = await launch('more', name, isKept ? { persistence: { size: '1Gi' } } : {});
  try {
    const workloads = async () =>
      list('statefulsets,deployments', '-n', SPACE, '-l', 'app.kubernetes.io/instance=more');
    expect(await workloads()).not.toEqual([]);
    await eventually(
      `${name} to be ready`,
      async () =>
        (await workloads()).every((each) => at(each, 'status', 'readyReplicas') === at(each, 'spec', 'replicas')),
      { seconds: 480, everySeconds: 2 },
    );
    expect(await helm(alpha, ['test', 'more'])).toContain('Phase:          Succeeded');
    const pages = SERVICE_PAGES[name];
    if (pages !== undefined) {
      const access = { host: textAt(values, 'ingress', 'hostname'), password: textAt(values, 'security', 'password') };
      const [stranger, person] = [await Person.arrives('beta'), await Person.arrives('alpha')];
      expect(await pages.locked(stranger.page, access)).toBe(true);
      try {
        await pages.enter(person.page, access);
        await sleep(3000);
      } finally {
        await screenshot(person.page, `${name}.png`);
      }
      // A page that stays open goes on asking its service.
      for (const { page } of [stranger, person]) await page.context().close();
    }
  } finally {
    await helm(alpha, ['uninstall', 'more', '--wait']);
  }
});

test('every service whose form has a host has a page that is tried', () => {
  // The images of Argo have no pages here.
  const without: readonly string[] = ['argo-cd', 'argo-workflows', ...PULLED];
  const open = services
    .filter(({ name, schema }) => 'ingress' in (schema.properties ?? {}) && !without.includes(name))
    .map(({ name }) => name);
  expect([...Object.keys(SERVICE_PAGES), 'jupyter-python'].sort()).toEqual([...open].sort());
});

/** Opens the JupyterLab that was launched with these values, in a browser of alpha's, and starts a kernel: Python's, or `ir`, R's. */
async function openNotebook(
  values: Json,
  { picture, kernel }: { readonly picture?: string; readonly kernel?: string } = {},
): Promise<Notebook> {
  const { page } = await Person.arrives('alpha');
  const password = textAt(values, 'security', 'password');
  const url = `https://${textAt(values, 'ingress', 'hostname')}/lab?token=${password}`;
  await undisturbed(() => page.goto(url));
  await page.waitForSelector('#jp-main-dock-panel', { timeout: 90_000 });
  if (picture !== undefined) await screenshot(page, picture);
  return Notebook.begin(page, password, kernel);
}

describe('Spark and Trino', () => {
  let notebook: Notebook;
  let password: string;

  beforeAll(async () => {
    password = textAt(await launch('sql', 'trino'), 'security', 'password');
    const memory = { driverMemory: '1Gi', executorMemory: '1Gi' };
    const values = await launch('spark', 'jupyter-pyspark', {
      persistence: { size: '1Gi' },
      spark: { ...memory, minExecutors: 1, maxExecutors: 2 },
    });
    for (const release of ['sql', 'spark']) await isReady(release);
    notebook = await openNotebook(values);
  });

  afterAll(async () => {
    for (const release of ['sql', 'spark']) await helm(alpha, ['uninstall', release, '--wait']);
  });

  test('Spark writes Parquet into the bucket, with executors that are Pods', async () => {
    const code = `
from pyspark.sql import SparkSession, functions as F
spark = SparkSession.builder.getOrCreate()
prices = spark.range(1000).select(F.concat(F.lit("item "), F.col("id")).alias("item"), (F.col("id") / 2).alias("price"))
prices.repartition(2).write.mode("overwrite").parquet("s3a://${SPACE}/prices")
print(spark.read.parquet("s3a://${SPACE}/prices").count())
`;
    expect(await notebook.printed(code)).toBe('1000');
    const executors = await list('pods', '-n', SPACE, '-l', 'spark-role=executor');
    expect(executors.map((pod) => at(pod, 'status', 'phase'))).toContain('Running');
    const { stdout } = await mc(await alpha.credentials(), 'ls', `store/${SPACE}/prices/`);
    expect(stdout.match(/\.parquet$/gm)).toHaveLength(2);
  });

  test('Trino queries what Spark wrote, and the database beside it', async () => {
    const code = `
import requests, urllib3
urllib3.disable_warnings()
login = {"auth": ("trino", "${password}"), "verify": False}
def ask(sql):
    answer, rows = requests.post("https://sql.${SPACE}:8443/v1/statement", data=sql, **login).json(), []
    while True:
        rows += answer.get("data") or []
        if "error" in answer: raise Exception(answer["error"]["message"])
        if "nextUri" not in answer: return rows
        answer = requests.get(answer["nextUri"], **login).json()
ask("CREATE SCHEMA IF NOT EXISTS hive.work")
ask("CREATE TABLE IF NOT EXISTS hive.work.prices (item varchar, price double) WITH (format = 'PARQUET', external_location = 's3://${SPACE}/prices')")
print(ask("SELECT count(*), sum(price) FROM hive.work.prices"), ask("SHOW SCHEMAS FROM postgresql LIKE 'public'"))
`;
    expect(await notebook.printed(code)).toBe("[[1000, 249750.0]] [['public']]");
  });
});

describe('a notebook', () => {
  let notebook: Notebook;
  let values: Json;

  const open = async (): Promise<void> => {
    notebook = await openNotebook(values, { picture: 'jupyterlab.png' });
  };
  const python = async (code: string): Promise<string> => notebook.printed(code);

  beforeAll(async () => {
    await serveFiles();
    values = await launch('lab', 'jupyter-python', {
      persistence: { size: '1Gi' },
      vault: { secret: 'notebook' },
      git: { repository: `https://${FILES}/survey.git` },
      init: { personalInit: `https://${FILES}/init.sh`, personalInitArgs: 'ready' },
      repository: { pipRepository: `https://${FILES}/simple` },
    });
    await isReady('lab');
    await open();
  });

  test('asks for its password', async () => {
    const { page } = await Person.arrives('beta');
    const answer = await undisturbed(() => page.goto(`https://${textAt(values, 'ingress', 'hostname')}/lab`));
    expect(answer?.url()).toContain('/login');
    expect(await page.evaluate(async () => (await fetch('/api/kernels')).status)).toBe(403);
  });

  test('reads and writes the person’s bucket with the injected credentials', async () => {
    const code = `
import os, boto3, pandas
bucket = os.environ["AWS_WORKING_DIRECTORY_PATH"]
s3 = boto3.client("s3")
s3.put_object(Bucket=bucket, Key="boto.txt", Body=b"from the notebook")
pandas.DataFrame({"n": [1, 2, 3]}).to_parquet(f"s3://{bucket}/table.parquet")
print(bucket, s3.get_object(Bucket=bucket, Key="boto.txt")["Body"].read().decode())
`;
    expect(await python(code)).toBe(`${SPACE} from the notebook`);
    expect((await mc(await alpha.credentials(), 'cat', `store/${SPACE}/boto.txt`)).stdout).toBe('from the notebook');
  });

  test('asks DuckDB for files in the bucket, without a download', async () => {
    const query = `SELECT sum(n) FROM 's3://${SPACE}/table.parquet'`;
    expect(await python(`import duckdb\nprint(duckdb.sql("${query}").fetchone()[0])`)).toBe('6');
  });

  test('lists the bucket with mc', async () => {
    const code = `
import subprocess
print(subprocess.run(["mc", "ls", "s3/${SPACE}"], capture_output=True, text=True))
`;
    expect(await python(code)).toContain('boto.txt');
  });

  test('has the keys of a secret of Vault, and reads others', async () => {
    expect(await python('import os\nprint(os.environ["colour"])')).toBe('green');
    const code = `
import os, hvac
client = hvac.Client(url=os.environ["VAULT_ADDR"], token=os.environ["VAULT_TOKEN"])
secrets, top = client.secrets.kv.v2, os.environ["VAULT_TOP_DIR"]
mount = os.environ["VAULT_MOUNT"]
print(secrets.read_secret_version(path=f"{top}/notebook", mount_point=mount, raise_on_deleted_version=True)["data"]["data"])
`;
    expect(await python(code)).toBe("{'colour': 'green'}");
  });

  test('finds the database by itself', async () => {
    const code = 'import psycopg\nprint(psycopg.connect("").execute("SELECT 6 * 7").fetchone()[0])';
    expect(await python(code)).toBe('42');
  });

  test('has cloned the repository, run the person’s script, and installs from the mirror', async () => {
    const code = `
import subprocess, sys, pathlib
print(pathlib.Path("/home/onyxia/work/survey/README.md").read_text().strip())
print(pathlib.Path("/home/onyxia/initialized").read_text().strip())
done = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "surveykit"], capture_output=True, text=True)
print(done.stderr if done.returncode else "installed")
`;
    expect(await python(code)).toBe('hello\nready\ninstalled');
    expect(await python('import surveykit\nprint(surveykit.answer())')).toBe('42');
  });

  test('is for its person alone', async () => {
    const token = await beta.token('onyxia');
    expect((await asPerson(token, 'get', 'pods', '-n', SPACE)).output).toContain('Forbidden');
    await expect(launch('mine', 'postgresql', {}, beta)).rejects.toThrow(/forbidden/i);
  });

  test('passes its own test, and sees a changed value', async () => {
    expect(await helm(alpha, ['test', 'lab'])).toContain('Phase:          Succeeded');
    await set('lab', 'jupyter-python', 'extraEnvVars[0].name=TEAM,extraEnvVars[0].value=survey');
    await eventually(
      'the Pod with the new value',
      async () => JSON.stringify(await find('pod', 'lab-0', SPACE)).includes('"TEAM"'),
      { seconds: 120 },
    );
    await isReady('lab');
  });

  test('is suspended, and resumes with its files', async () => {
    await open();
    await python('open("/home/onyxia/work/kept.txt", "w").write("still here")');
    await set('lab', 'jupyter-python', 'global.suspend=true');
    await eventually('the notebook to be gone', async () => (await find('pod', 'lab-0', SPACE)) === undefined, {
      seconds: 120,
    });
    await set('lab', 'jupyter-python', 'global.suspend=false');
    await isReady('lab');
    await open();
    expect(await python('print(open("/home/onyxia/work/kept.txt").read())')).toBe('still here');
  });
});

test('R computes with the bucket, the database and a package of the mirror', async () => {
  const values = await launch('stats', 'jupyter-r-python', {
    persistence: { size: '1Gi' },
    resources: { limits: { cpu: '2000m', memory: '4Gi' } },
    repository: { rRepository: `https://${FILES}/cran` },
  });
  await isReady('stats');
  const notebook = await openNotebook(values, { kernel: 'ir' });
  const code = `
table <- "s3://${SPACE}/from-r.parquet"
copy <- sprintf("COPY (SELECT 6 AS n) TO '%s'", table)
stopifnot(system2("duckdb", c("-c", shQuote(copy)), stdout = FALSE) == 0)
six <- data.table::fread(cmd = sprintf("duckdb -csv -c \\"FROM '%s'\\"", table))$n
database <- DBI::dbConnect(RPostgreSQL::PostgreSQL())
seven <- DBI::dbGetQuery(database, "SELECT 7 AS n")$n
install.packages("surveykit", quiet = TRUE)
cat(six * seven, surveykit::answer())
`;
  expect(await notebook.printed(code)).toMatch(/\b42 42$/);
  expect((await mc(await alpha.credentials(), 'ls', `store/${SPACE}/from-r.parquet`)).stdout).toContain('from-r');
  await helm(alpha, ['uninstall', 'stats', '--wait']);
});

test('what the quota cannot pay does not start, and says why', async () => {
  const resources = { limits: { memory: '40Gi' } };
  await launch('greedy', 'postgresql', { persistence: { size: '1Gi' }, resources });
  await eventually('the event that says so', async () =>
    (await list('events', '-n', SPACE)).some((event) => /exceeded quota/.test(String(at(event, 'message')))),
  );
  expect(await find('pod', 'greedy-0', SPACE)).toBeUndefined();
  await helm(alpha, ['uninstall', 'greedy']);
});

test('nothing remains but what the person asked to keep', async () => {
  await set('db', 'postgresql', 'persistence.keep=true');
  for (const release of ['db', 'lab']) await helm(alpha, ['uninstall', release]);
  const kinds = 'statefulsets,services,configmaps,secrets,persistentvolumeclaims,ingresses,networkpolicies';
  const selector = ['-n', SPACE, '-l', 'app.kubernetes.io/managed-by=Helm'];
  const left = (await list(`${kinds},serviceaccounts,rolebindings,pods`, ...selector)).filter(
    ({ metadata }) => metadata.deletionTimestamp === undefined,
  );
  expect(left.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['PersistentVolumeClaim db-data']);
  expect(listAt(left[0], 'spec', 'accessModes')).toEqual(['ReadWriteOnce']);
});
