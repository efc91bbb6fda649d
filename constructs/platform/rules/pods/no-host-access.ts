import type { ObjectRule } from '../rule';

export const noHostAccess: ObjectRule = {
  id: 'no-host-access',
  level: 'error',
  scope: 'object',
  why: 'In the host’s network or process space a Pod stands outside every NetworkPolicy and sees its neighbours.',
  source: 'Pod Security Standards, baseline: https://kubernetes.io/docs/concepts/security/pod-security-standards/',
  fix: 'remove hostNetwork, hostPID, hostIPC and hostPort; reach the Pod through a Service',
  *check({ pod }) {
    if (pod === undefined) return;
    for (const space of ['hostNetwork', 'hostPID', 'hostIPC']) {
      const field = pod.spec.at(space);
      if (field.value === true) yield { field: field.path, message: 'shares this space with the node' };
    }
    for (const container of pod.containers) {
      for (const port of container.at('ports').items()) {
        const hostPort = port.at('hostPort');
        if ((hostPort.number ?? 0) !== 0) yield { field: hostPort.path, message: 'listens on the node itself' };
      }
    }
  },
};
