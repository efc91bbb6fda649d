import { at, listAt, type LiveObject } from './kubectl';
import type { LocalApiServer } from './local-api-server';
import { sleep } from './waiting';

/**
 * Says of every Pod in an API server without nodes what a kubelet would once it runs: that it is ready or, where a Job made it, that it is done. The
 * real controllers take it from there.
 */
export class StandInKubelet {
  private stopped = false;
  private readonly work: Promise<void>;

  /** @param runs whether it runs a Pod. @default - it runs every Pod */
  constructor(
    private readonly server: LocalApiServer,
    private readonly runs: (pod: LiveObject) => boolean = () => true,
  ) {
    this.work = this.serve();
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.work;
  }

  private async serve(): Promise<void> {
    while (!this.stopped) {
      const pods: unknown = JSON.parse(await this.server.kubectl(['get', 'pods', '-A', '-o', 'json']));
      for (const pod of listAt(pods, 'items') as readonly LiveObject[]) {
        if (at(pod, 'status', 'phase') === 'Pending' && this.runs(pod)) await this.report(pod);
      }
      await sleep(500);
    }
  }

  private async report(pod: LiveObject): Promise<void> {
    const { name, namespace = '' } = pod.metadata;
    const done = isOfJob(pod);
    const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const condition = (type: string) => ({ type, status: done ? 'False' : 'True', lastTransitionTime: now });
    const state = done
      ? { terminated: { exitCode: 0, reason: 'Completed', startedAt: now, finishedAt: now } }
      : { running: { startedAt: now } };
    const status = {
      phase: done ? 'Succeeded' : 'Running',
      startTime: now,
      conditions: ['Ready', 'ContainersReady'].map(condition),
      containerStatuses: listAt(pod, 'spec', 'containers').map((container) => ({
        ...{ name: at(container, 'name'), image: at(container, 'image'), imageID: '' },
        ...{ ready: !done, restartCount: 0, started: !done, state },
      })),
    };
    const patch = ['--subresource', 'status', '--type', 'merge', '--patch', JSON.stringify({ status })];
    // It may be gone meanwhile.
    await this.server.kubectl(['patch', 'pod', name, '--namespace', namespace, ...patch]).catch(() => undefined);
  }
}

/** Whether a Pod was made by a Job, and ends. */
export function isOfJob({ metadata: { ownerReferences = [] } }: LiveObject): boolean {
  return ownerReferences.some(({ kind }) => kind === 'Job');
}
