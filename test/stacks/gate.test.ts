import { type Awaited, NotReadyError, waitUntilReady } from '../../stacks/readiness/gate';
import * as kubernetes from '../../stacks/kubectl';

jest.mock('node:timers/promises', () => ({
  setTimeout: (ms: number) => {
    jest.advanceTimersByTime(ms);
    return Promise.resolve();
  },
}));

const WEB: Awaited = { kind: 'StatefulSet', namespace: 'demo', name: 'web', timeoutSeconds: 60 };

/** A cluster whose StatefulSet has a Pod of an old revision that will never be ready. */
class Cluster {
  readonly calls: string[] = [];
  status: Record<string, unknown> = { observedGeneration: 1, updateRevision: 'new', replicas: 1, updatedReplicas: 0 };
  revision = 'old';
  log = 'cannot connect\n';

  answer(args: readonly string[]): string {
    this.calls.push(args.join(' '));
    if (args[0] === 'logs') return this.log;
    if (args[1] === 'pods' && args[0] === 'get') return JSON.stringify({ items: [this.pod()] });
    if (args[0] === 'delete') this.revision = 'new';
    const metadata = { name: 'web', namespace: 'demo', generation: 1 };
    const spec = { replicas: 1, selector: { matchLabels: { app: 'web' } } };
    return JSON.stringify({ items: [{ kind: 'StatefulSet', metadata, spec, status: this.status }] });
  }

  private pod() {
    const state = { waiting: { reason: 'CrashLoopBackOff' } };
    return {
      metadata: { name: 'web-0', labels: { 'controller-revision-hash': this.revision } },
      status: { containerStatuses: [{ name: 'main', restartCount: 1, state }] },
    };
  }
}

describe('waiting for workloads', () => {
  let cluster: Cluster;

  beforeEach(() => {
    cluster = new Cluster();
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    jest.spyOn(kubernetes, 'kubectl').mockImplementation((args) => Promise.resolve(cluster.answer(args)));
  });

  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  test('ends once they are ready, and says so', async () => {
    cluster.status = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1 };
    const notes: string[] = [];
    await waitUntilReady('demo', [WEB], { note: (_, text) => notes.push(text) });
    expect(notes).toEqual(['']);
    expect(cluster.calls).toHaveLength(1);
  });

  test('ends in bounded time with the Pod, the container, the reason and its last words', async () => {
    const failed = waitUntilReady('demo', [WEB], { note: () => undefined });
    await expect(failed).rejects.toThrow(NotReadyError);
    await expect(failed).rejects.toThrow(
      'not ready after 60 s: waited for 1 of 1 Pods to be made\n' +
        'Pod web-0, container main: CrashLoopBackOff\n  | cannot connect',
    );
  });

  test('says what is in the way while it lasts', async () => {
    const notes: string[] = [];
    await expect(waitUntilReady('demo', [WEB], { note: (_, text) => notes.push(text) })).rejects.toThrow();
    expect(notes).toContain('1 of 1 Pods to be made; Pod web-0, container main: CrashLoopBackOff');
  });

  test('removes a Pod of an older revision that keeps its StatefulSet from the new one, once', async () => {
    await expect(waitUntilReady('demo', [WEB], { note: () => undefined })).rejects.toThrow();
    const deletions = cluster.calls.filter((call) => call.startsWith('delete'));
    expect(deletions).toEqual(['delete pods --namespace demo --wait=false --ignore-not-found web-0']);
  });

  test('bears an API server that is away for a moment, and no longer', async () => {
    const away = (times: number) => {
      let left = times;
      jest.spyOn(kubernetes, 'kubectl').mockImplementation((args) => {
        if (left-- > 0) return Promise.reject(new kubernetes.KubectlError('connection refused'));
        return Promise.resolve(cluster.answer(args));
      });
      return waitUntilReady('demo', [WEB], { note: () => undefined });
    };
    cluster.status = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1 };
    await expect(away(5)).resolves.toBeUndefined();
    await expect(away(1000)).rejects.toThrow('connection refused');
  });

  test('fails at once without kubectl', async () => {
    const spy = jest.spyOn(kubernetes, 'kubectl').mockRejectedValue(new kubernetes.NoKubectlError());
    await expect(waitUntilReady('demo', [WEB], { note: () => undefined })).rejects.toThrow(
      'kubectl is not on the PATH',
    );
    expect(spy).toHaveBeenCalledTimes(1);
  });

  test('fails when a workload never appears', async () => {
    const other = { ...WEB, name: 'other' };
    await expect(waitUntilReady('demo', [other], { note: () => undefined })).rejects.toThrow('waited for it to appear');
  });
});
