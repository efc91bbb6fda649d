import { atStep, type Component, k8s } from '../platform';
import { wholeNumber } from '../platform/whole-number';
import type { CpuScaling } from './inference-service-props';
import { type InferenceWorkload, SOFTWARE } from './inference-workload';
import { type KedaScaling, makeScaledObject } from './keda-scaling';

export interface InferenceScalingProps {
  /** @default - their number does not change */
  readonly scaling?: CpuScaling | KedaScaling;
  /** Pods, where their number does not follow the load. */
  readonly replicas: number | undefined;
}

/**
 * What keeps enough replicas: a disruption budget where there can be two, and an autoscaler where one is asked for.
 *
 * @throws RangeError when a number of replicas is out of range
 */
export function scaleInference(component: Component, server: InferenceWorkload, props: InferenceScalingProps): void {
  const { scaling, replicas } = props;
  const { componentName: name, namespace } = component;
  const most = wholeNumber('scaling.maxReplicas', scaling?.maxReplicas ?? replicas ?? 1, 1, 1000);
  if (most > 1) budget(component, server);
  if (scaling === undefined) return;
  const target = { kind: server.kind, name };
  if ('triggers' in scaling) {
    wholeNumber('scaling.minReplicas', scaling.minReplicas ?? 0, 0, most);
    wholeNumber('scaling.cooldownSeconds', scaling.cooldownSeconds ?? 300, 0, 86_400);
    const labels = component.labels(SOFTWARE, 'server');
    atStep(makeScaledObject(component, 'scaling', { name, namespace: namespace.name, labels, target, scaling }), 2);
    return;
  }
  const usual = Math.min(component.platform.isProduction ? 2 : 1, most);
  const autoscaler = new k8s.KubeHorizontalPodAutoscalerV2(component, 'scaling', {
    metadata: server.metadata(name),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', ...target },
      minReplicas: wholeNumber('scaling.minReplicas', scaling.minReplicas ?? usual, 1, most),
      maxReplicas: most,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: utilization(scaling) } }],
    },
  });
  atStep(autoscaler, 2);
}

function utilization({ cpuPercent = 70 }: CpuScaling): k8s.MetricTargetV2 {
  return { type: 'Utilization', averageUtilization: wholeNumber('scaling.cpuPercent', cpuPercent, 1, 1000) };
}

function budget(component: Component, server: InferenceWorkload): void {
  const object = new k8s.KubePodDisruptionBudget(component, 'budget', {
    metadata: server.metadata(component.componentName),
    spec: {
      maxUnavailable: k8s.IntOrString.fromNumber(1),
      selector: { matchLabels: { ...server.matchLabels } },
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  });
  atStep(object, 1);
}
