import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedCluster } from './cluster';
import { restoreHost } from './host';
import { exclusively } from './lock';
import { machineOwner } from './owner';
import { RUNTIME_ROOT } from './paths';
import { endPods, forgetAddresses, releasePods } from './pods';
import { plainProgress, type Progress } from './progress';

export interface DownOptions {
  /** @default the current directory */
  readonly directory?: string;
  /** Delete the cluster's objects, volumes and images too. @default false */
  readonly purge?: boolean;
  readonly progress?: Progress;
}

/**
 * Stops the cluster, its Pods included, and takes back what it changed on the host. Its objects and volumes stay for the next `up`,
 * unless they are purged.
 *
 * @returns whether there was anything to stop
 */
export async function down(options: DownOptions = {}): Promise<boolean> {
  const progress = options.progress ?? plainProgress();
  const cluster = new EmbeddedCluster(options.directory);
  if (!cluster.exists() && machineOwner() !== cluster.state) return false;
  await exclusively(cluster.state, async () => {
    // Where no cluster is noted as the owner, whatever is on the host is of this one.
    const owns = (machineOwner() ?? cluster.state) === cluster.state;
    await progress.step('stop kubelets and Pods', async () => {
      await Promise.all((['kubelet', 'kubelet-2'] as const).map((part) => cluster.daemons.stop(part)));
      if (owns) await endPods();
    });
    await progress.step('stop the control plane', async () => {
      await Promise.all(
        (
          ['kube-proxy', 'kube-scheduler', 'kube-controller-manager', 'containerd', 'containerd-2', 'registry'] as const
        ).map((part) => cluster.daemons.stop(part)),
      );
      await cluster.daemons.stop('kube-apiserver', 3);
      await cluster.daemons.stop('etcd');
    });
    if (owns) {
      await progress.step('give the host back', async () => {
        forgetAddresses();
        await releasePods(cluster.state);
        await restoreHost();
        rmSync(RUNTIME_ROOT, { recursive: true, force: true });
      });
    }
    if (options.purge === true) {
      await progress.step('delete objects, volumes and images', () => {
        rmSync(cluster.state, { recursive: true, force: true });
        return Promise.resolve();
      });
    }
  });
  if (options.purge === true) removeIfEmpty(dirname(cluster.state));
  return true;
}

/** Stacks of Pulumi may live beside the cluster; then the folder stays. */
function removeIfEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}
