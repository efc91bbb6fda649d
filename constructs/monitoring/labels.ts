import type { MetricsTarget } from '../platform';

/** The labels by which alerts and dashboards know an endpoint, the same whoever reads it. */
export type TargetLabels = Readonly<Record<'platform' | 'namespace' | 'component' | 'job', string>>;

/** The labels of an endpoint. */
export function labelsOf({ component, job }: MetricsTarget): TargetLabels {
  const { componentName, namespace, platform } = component;
  return { platform: platform.name, namespace: namespace.name, component: componentName, job };
}

/** `{platform="demo",namespace="demo-minio",component="minio",job="minio"}` */
export function selectorOf({ platform, namespace, component, job }: TargetLabels): string {
  return `{platform="${platform}",namespace="${namespace}",component="${component}",job="${job}"}`;
}
