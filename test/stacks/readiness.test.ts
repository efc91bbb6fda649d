import { type Readiness, readinessOf, type Workload } from '../../stacks/readiness/workload';
import { describeTrouble, type Pod, troublesOf } from '../../stacks/readiness/pods';

function workload(kind: string, spec: Workload['spec'], status: Workload['status'], generation = 2): Workload {
  return {
    kind,
    metadata: { name: 'x', namespace: 'demo', generation },
    spec,
    ...(status === undefined ? {} : { status }),
  };
}

const READY: Readiness = { is: 'ready' };
const waiting = (what: string): Readiness => ({ is: 'waiting', for: what });

describe('a workload is ready', () => {
  const rolled = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };

  test.each(['Deployment', 'StatefulSet'])('%s: once all its Pods are new and ready', (kind) => {
    expect(readinessOf(workload(kind, { replicas: 2 }, rolled))).toEqual(READY);
    const late = { ...rolled, readyReplicas: 1, availableReplicas: 1 };
    expect(readinessOf(workload(kind, { replicas: 2 }, late))).toEqual(waiting('1 of 2 Pods to be ready'));
    const half = { ...rolled, replicas: 1, updatedReplicas: 1 };
    expect(readinessOf(workload(kind, { replicas: 2 }, half))).toEqual(waiting('1 of 2 Pods to be made'));
  });

  test.each(['Deployment', 'StatefulSet', 'DaemonSet'])('%s: not by a status from before the change', (kind) => {
    const stale = { ...rolled, observedGeneration: 1, desiredNumberScheduled: 1, numberAvailable: 1 };
    expect(readinessOf(workload(kind, { replicas: 2 }, stale))).toEqual(waiting('its controller to see it'));
    expect(readinessOf(workload(kind, { replicas: 2 }, undefined))).toEqual(waiting('its controller to see it'));
  });

  test('Deployment: not while old Pods serve beside the new', () => {
    const surge = { ...rolled, replicas: 3 };
    expect(readinessOf(workload('Deployment', { replicas: 2 }, surge))).toEqual(waiting('1 old Pods to end'));
  });

  test('Deployment: never, once its deadline is over', () => {
    const conditions = [
      { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'too late' },
    ];
    expect(readinessOf(workload('Deployment', {}, { ...rolled, conditions }))).toEqual({
      is: 'failed',
      why: 'too late',
    });
  });

  test('without Pods, where none are asked for', () => {
    const none = { observedGeneration: 2, replicas: 0 };
    expect(readinessOf(workload('Deployment', { replicas: 0 }, none))).toEqual(READY);
    expect(readinessOf(workload('StatefulSet', { replicas: 0 }, none))).toEqual(READY);
  });

  test('StatefulSet: with the Pods that a partition or a person holds back', () => {
    const old = { ...rolled, updatedReplicas: 1 };
    const partition = { replicas: 2, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } };
    expect(readinessOf(workload('StatefulSet', partition, old))).toEqual(READY);
    const byHand = { replicas: 2, updateStrategy: { type: 'OnDelete' } };
    expect(readinessOf(workload('StatefulSet', byHand, { ...old, updatedReplicas: 0 }))).toEqual(READY);
  });

  test('DaemonSet: once every node has its Pod', () => {
    const status = { observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2 };
    expect(readinessOf(workload('DaemonSet', {}, status))).toEqual(waiting('1 of 3 Pods to be ready'));
    expect(readinessOf(workload('DaemonSet', {}, { ...status, numberAvailable: 3 }))).toEqual(READY);
  });

  test('Job: once it is complete, and never once it has failed', () => {
    expect(readinessOf(workload('Job', {}, { failed: 2 }))).toEqual(waiting('it to complete (2 attempts failed)'));
    const complete = { conditions: [{ type: 'Complete', status: 'True' }] };
    expect(readinessOf(workload('Job', {}, complete))).toEqual(READY);
    const failed = {
      conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'enough' }],
    };
    expect(readinessOf(workload('Job', {}, failed))).toEqual({ is: 'failed', why: 'BackoffLimitExceeded: enough' });
  });
});

describe('what keeps Pods from being ready', () => {
  function pod(status: Pod['status']): Pod {
    return { metadata: { name: 'web-0' }, ...(status === undefined ? {} : { status }) };
  }

  const told = (status: Pod['status']) => troublesOf([pod(status)]).map(describeTrouble);

  test('is nothing where all is well', () => {
    expect(told({ phase: 'Running', containerStatuses: [{ name: 'main', ready: true, state: {} }] })).toEqual([]);
    const done = { terminated: { exitCode: 0, reason: 'Completed' } };
    expect(told({ phase: 'Succeeded', containerStatuses: [{ name: 'main', ready: false, state: done }] })).toEqual([]);
  });

  test('is told with the container and the reason', () => {
    const state = { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "x:1"' } };
    expect(told({ containerStatuses: [{ name: 'main', state }] })).toEqual([
      'Pod web-0, container main: ImagePullBackOff; Back-off pulling image "x:1"',
    ]);
  });

  test('is told with the exit code of the run before', () => {
    const crashed = {
      name: 'main',
      restartCount: 3,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
    };
    expect(told({ containerStatuses: [crashed] })).toEqual([
      'Pod web-0, container main: CrashLoopBackOff; Error, exit code 3',
    ]);
    expect(troublesOf([pod({ containerStatuses: [crashed] })])[0]?.restarted).toBe(true);
  });

  test('is the init container, not those that wait for it', () => {
    const status = {
      initContainerStatuses: [{ name: 'init', state: { terminated: { exitCode: 1, reason: 'Error' } } }],
      containerStatuses: [{ name: 'main', state: { waiting: { reason: 'PodInitializing' } } }],
    };
    expect(told(status)).toEqual(['Pod web-0, container init: Error, exit code 1']);
  });

  test('is the scheduler, before any container', () => {
    const conditions = [
      { type: 'PodScheduled', status: 'False', message: '0/1 nodes are available: Insufficient cpu.' },
    ];
    expect(told({ phase: 'Pending', conditions })).toEqual([
      'Pod web-0: cannot be scheduled: 0/1 nodes are available: Insufficient cpu.',
    ]);
  });

  test('is the readiness probe, where it runs and nothing else is wrong', () => {
    expect(told({ containerStatuses: [{ name: 'main', ready: false, state: {} }] })).toEqual([
      'Pod web-0, container main: runs, but is not ready: see its readiness probe',
    ]);
  });
});
