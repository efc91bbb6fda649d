import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { kubeconfigPath, toolPath } from '../../tools/cluster';
import { fail, ok, type Result } from './result';

/** The oldest Node.js, as package.json states it: major and minor. */
const OLDEST_NODE = [20, 19] as const;

/** Programs that a deployment starts. */
const PROGRAMS: readonly (readonly [string, string])[] = [
  ['kubectl', 'https://kubernetes.io/docs/tasks/tools/'],
  ['pulumi', 'https://www.pulumi.com/docs/install/'],
];

/** Whether this machine has what a deployment needs. */
export function checkMachine(environment: NodeJS.ProcessEnv, nodeVersion: string): readonly Result[] {
  return [checkNode(nodeVersion), ...PROGRAMS.map(([name, url]) => checkProgram(environment['PATH'] ?? '', name, url))];
}

/** The environment in which deployments run: the embedded cluster's tools, and its kubeconfig unless another is chosen. */
export function deploymentEnvironment(environment: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  const path = [toolPath(), environment['PATH'] ?? ''].join(delimiter);
  const chosen = environment['KUBECONFIG'];
  const embedded = kubeconfigPath(folder);
  if (chosen !== undefined && chosen !== '') return { ...environment, PATH: path };
  return { ...environment, PATH: path, KUBECONFIG: existsSync(embedded) ? embedded : '' };
}

/** Whether there is a kubeconfig to reach a cluster by. */
export function checkKubeconfig(environment: NodeJS.ProcessEnv): Result {
  const title = 'kubeconfig';
  const files = (environment['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  const remedy =
    'make a cluster on this machine with `npx bouture cluster up`, or set KUBECONFIG to the file of one that you have';
  if (files.length === 0) return fail(title, 'KUBECONFIG is not set, and there is no embedded cluster', remedy);
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length === files.length) return fail(title, `there is no ${missing.join(', ')}`, remedy);
  return ok(title, files.join(', '));
}

function checkNode(version: string): Result {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const [oldMajor, oldMinor] = OLDEST_NODE;
  if (major > oldMajor || (major === oldMajor && minor >= oldMinor)) return ok('Node.js', version);
  return fail('Node.js', `${version} is too old`, `install Node.js ${oldMajor}.${oldMinor} or later`);
}

function checkProgram(path: string, name: string, url: string): Result {
  const found = path.split(delimiter).find((folder) => folder !== '' && existsSync(join(folder, name)));
  if (found !== undefined) return ok(name, join(found, name));
  return fail(name, 'is not on the PATH', `install it (${url}), or let \`npx bouture cluster up\` build it`);
}
