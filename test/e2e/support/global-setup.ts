import { join } from 'node:path';
import { blueprints } from '../../../blueprints/registry';
import { enterCluster } from '../../../tools/quickstart/environment';
import { ROOT, start } from './commands';

/**
 * Starts the embedded cluster, which does nothing when it runs, and puts its programs and its kubeconfig into the environment of
 * every test. BOUTURE_E2E_CLUSTER=running takes the cluster as it runs, for whoever works on it or on its images meanwhile.
 */
export default async function globalSetup(): Promise<void> {
  const cli = join(ROOT, 'bin/bouture.js');
  if (process.env['BOUTURE_E2E_CLUSTER'] !== 'running') await startCluster(cli);
  await enterCluster(cli);
}

async function startCluster(cli: string): Promise<void> {
  // At the full level every blueprint is deployed. What jest gives to tests is not there yet, so level.ts cannot be asked.
  const configs =
    process.env['BOUTURE_E2E'] === 'full'
      ? Object.keys(blueprints).map((name) => join(ROOT, 'blueprints', name, 'config.yaml'))
      : [];
  const up = start('node', [cli, 'cluster', 'up', ...configs], { timeoutSeconds: 3 * 60 * 60 });
  const { code, output, seconds } = await up.finished;
  if (code !== 0) throw new Error(`bouture cluster up ended with ${code}:\n${output}`);
  process.stderr.write(`the embedded cluster is up (${seconds.toFixed(0)} s)\n`);
}
