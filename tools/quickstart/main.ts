import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { run } from '../cluster/commands';
import { packageRoot } from '../cluster/paths';
import { duration, plainProgress } from '../cluster/progress';
import { enterCluster } from './environment';
import { exampleScript, pythonWith } from './python';
import { withPortForward } from './port-forward';

/** Where the minimal blueprint puts MLflow, and the Secret of its administrator. */
const NAMESPACE = 'bouture-mlflow';
const SERVICE = { name: 'mlflow', port: 5000 };
const ADMINISTRATOR = { secret: 'mlflow-accounts', username: 'admin' } as const;

const CLI = join(packageRoot(), 'bin/bouture.js');

const progress = plainProgress((line) => process.stdout.write(`${line}\n`));

/**
 * The main job from nothing: a Kubernetes on this machine, the minimal blueprint on it, and a model that is trained, registered and read
 * back by a Python client.
 */
async function quickstart(): Promise<void> {
  const begin = Date.now();
  title('A Kubernetes on this machine');
  await bouture('cluster', 'up');
  await enterCluster(CLI);
  title('The minimal blueprint as manifests, in charts-out/');
  await bouture('synth');
  title('The platform on the cluster');
  await bouture('up');
  title('A statistician at work');
  const python = await progress.step('a Python with the MLflow client', () =>
    pythonWith(exampleScript('requirements.txt')),
  );
  const password = await run('kubectl', [
    ...['get', 'secret', '-n', NAMESPACE, ADMINISTRATOR.secret],
    ...['-o', `go-template={{index .data "${ADMINISTRATOR.username}" | base64decode}}`],
  ]);
  const credentials = { MLFLOW_TRACKING_USERNAME: ADMINISTRATOR.username, MLFLOW_TRACKING_PASSWORD: password };
  await withPortForward(NAMESPACE, `service/${SERVICE.name}`, SERVICE.port, async ({ url }) => {
    for (const script of ['train.py', 'use.py'] as const) {
      title(`python ${script}`);
      await show(python, [exampleScript(script)], { ...credentials, MLFLOW_TRACKING_URI: url });
    }
  });
  title(`Done in ${duration(Date.now() - begin)}`);
  progress.say('  npx bouture up          shows the addresses again, and where the credentials are');
  progress.say('  npx bouture down        removes the platform; its data stays (--delete-data removes it too)');
  progress.say('  npx bouture cluster down');
}

function title(text: string): void {
  progress.say(`\n== ${text}`);
}

async function bouture(...args: readonly string[]): Promise<void> {
  await show(process.execPath, [CLI, ...args], {});
}

/** Runs a command whose output a person reads as it comes. @throws Error when it fails */
async function show(command: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with exit code ${code ?? 1}`);
}

quickstart().catch((error: unknown) => {
  process.stderr.write(`quickstart: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
