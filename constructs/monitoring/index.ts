export * from './alert-groups';
export * from './alerts';
export * from './dashboards';
export * from './labels';
export { MetricsComponent, type DeclaredTarget, type MetricsProps } from './metrics-component';
export * from './prometheus-operator-metrics';
export * from './prometheus-server';
