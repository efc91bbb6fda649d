import { join } from 'node:path';
import { pythonWith } from '../../tools/quickstart/python';
import { LOCKS } from '../../tools/workloads/folders';
import { ensurePackages } from '../../tools/workloads/run';
import { run } from './measure';

const CASE = join(__dirname, '..', '..', 'workloads', 'nace-coding');

/** Runs a benchmark of a workload in Python, with the packages that the workload pins. @returns the JSON that it prints */
export async function pythonBench(workload: string, script: string, ...args: readonly string[]): Promise<unknown> {
  const folder = join(CASE, workload);
  const python = await pythonWith(...LOCKS.python.map((file) => join(folder, file)));
  return JSON.parse(run(python, [join(folder, 'bench', script), ...args], { cwd: folder }));
}

/** Runs `npm run bench` of a workload in TypeScript, with the packages that the workload pins. @returns the JSON that it prints */
export async function npmBench(workload: string, env: NodeJS.ProcessEnv): Promise<unknown> {
  const folder = join(CASE, workload);
  await ensurePackages(folder);
  return JSON.parse(run('npm', ['run', '--silent', 'bench'], { cwd: folder, env }));
}
