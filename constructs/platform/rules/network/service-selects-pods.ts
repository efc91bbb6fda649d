import type { Field } from '../field';
import type { PlatformRule } from '../rule';
import { selects } from '../selector';
import type { Workload } from '../view';

export const serviceSelectsPods: PlatformRule = {
  id: 'service-selects-pods',
  level: 'error',
  scope: 'platform',
  why: 'A Service that selects no Pod, or a port that no container has, answers "connection refused" and says nothing else.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service',
  fix: 'use the selector of the workload, and a targetPort that one of its containers declares',
  *check(platform) {
    for (const object of platform.ofKind('Service')) {
      const selector = object.spec.at('selector');
      if (selector.entries().length === 0) {
        const slices = platform.ofKind('EndpointSlice').filter(({ namespace }) => namespace === object.namespace);
        if (!slices.some(({ labels }) => labels['kubernetes.io/service-name'] === object.name)) {
          yield { object, field: selector.path, message: 'selects nothing, and no EndpointSlice stands in' };
        }
        continue;
      }
      const pods = platform
        .workloads(object.namespace)
        .filter(({ pod }) => Object.entries(selector.textMap).every(([key, value]) => pod.labels[key] === value));
      if (pods.length === 0) yield { object, field: selector.path, message: 'selects no Pod of the namespace' };
      else {
        for (const port of object.spec.at('ports').items()) {
          const target = port.at('targetPort').exists ? port.at('targetPort') : port.at('port');
          if (!pods.some((workload) => declares(workload, target))) {
            yield { object, field: target.path, message: `no container has the port ${String(target.value)}` };
          }
        }
      }
    }
    for (const object of platform.ofKind('StatefulSet')) {
      const name = object.spec.at('serviceName');
      const service = platform.find('Service', object.namespace, name.text ?? '');
      if (name.exists && service === undefined) {
        yield { object, field: name.path, message: `there is no Service "${name.text ?? ''}" in the namespace` };
      }
    }
    for (const object of platform.ofKind('PodDisruptionBudget')) {
      const selector = object.spec.at('selector');
      if (!platform.workloads(object.namespace).some(({ pod }) => selects(selector, pod.labels))) {
        yield { object, field: selector.path, message: 'selects no Pod of the namespace' };
      }
    }
  },
};

function declares({ pod }: Workload, target: Field): boolean {
  return pod.containers
    .flatMap((container) => container.at('ports').items())
    .some((port) => port.at('containerPort').value === target.value || port.at('name').value === target.value);
}
