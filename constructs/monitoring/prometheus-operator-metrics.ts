import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { type ForeignPods, lazily } from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { labelsOf } from './labels';
import { type DeclaredTarget, METRICS_PORT_NAME, MetricsComponent, type MetricsProps } from './metrics-component';

export interface PrometheusOperatorMetricsProps extends MetricsProps {
  /** Pods of the Prometheus that reads: endpoints let them in. Its own namespace must let it out. */
  readonly prometheus: ForeignPods;
  /**
   * Labels by which its Prometheus object selects ServiceMonitors and rules; it must select in every namespace.
   *
   * @default - none: it selects all
   */
  readonly objectLabels?: Readonly<Record<string, string>>;
  /** That Prometheus reads kube-state-metrics, as the usual chart makes it: watch Jobs, CronJobs and Pods, too. @default true */
  readonly kubeState?: boolean;
  /** Seconds between two readings: 5 or more. @default 30 */
  readonly intervalSeconds?: number;
}

const API_VERSION = 'monitoring.coreos.com/v1';

/**
 * Watches a platform by the Prometheus of a cluster that has the Prometheus operator: a ServiceMonitor beside each endpoint, a
 * PrometheusRule, and dashboards as labelled ConfigMaps for Grafana's sidecar. Nothing of it runs here.
 *
 * @example
 * import { PrometheusOperatorMetrics } from 'bouture';
 * const metrics = new PrometheusOperatorMetrics(platform, 'metrics', {
 *   prometheus: { namespace: 'monitoring', podLabels: { 'app.kubernetes.io/name': 'prometheus' } },
 *   objectLabels: { release: 'kube-prometheus-stack' },
 * });
 */
export class PrometheusOperatorMetrics extends MetricsComponent {
  private readonly props: PrometheusOperatorMetricsProps;

  constructor(scope: Construct, id: string, props: PrometheusOperatorMetricsProps) {
    super(scope, id, props, 'prometheus');
    this.props = props;
    const { intervalSeconds = 30 } = props;
    wholeNumber(`"${this.node.path}": intervalSeconds`, intervalSeconds, 5);
    if (props.kubeState !== false) this.watchCluster();
    new ApiObject(this, 'rules', {
      apiVersion: API_VERSION,
      kind: 'PrometheusRule',
      metadata: {
        name: this.componentName,
        namespace: this.namespace.name,
        labels: { ...this.labels('prometheus', 'rules'), ...props.objectLabels },
      },
      spec: { groups: lazily(() => this.alertGroups) },
    });
  }

  protected read({ target, serviceName }: DeclaredTarget, id: string): void {
    const { component, connections, path = '/metrics', params = {}, port, token, tls } = target;
    const { namespace } = component;
    const scope = new Construct(this, `monitor-${id}`);
    const ref = token?.(scope, namespace);
    const authority = tls?.authority?.(scope, namespace);
    const { prometheus, objectLabels, intervalSeconds = 30 } = this.props;
    connections.allowFrom(prometheus, port);
    new ApiObject(scope, 'monitor', {
      apiVersion: API_VERSION,
      kind: 'ServiceMonitor',
      metadata: {
        name: serviceName,
        namespace: namespace.name,
        labels: { ...this.targetLabels(target), ...objectLabels },
      },
      spec: {
        selector: { matchLabels: this.targetLabels(target) },
        endpoints: [
          {
            port: METRICS_PORT_NAME,
            path,
            scheme: tls === undefined ? 'http' : 'https',
            interval: `${intervalSeconds}s`,
            ...(Object.keys(params).length === 0
              ? {}
              : { params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, [value]])) }),
            ...(ref === undefined
              ? {}
              : { authorization: { type: 'Bearer', credentials: { name: ref.name, key: ref.key } } }),
            ...(tls === undefined
              ? {}
              : {
                  tlsConfig: {
                    serverName: tls.serverName,
                    ...(authority === undefined
                      ? {}
                      : { ca: { secret: { name: authority.name, key: authority.key } } }),
                  },
                }),
            relabelings: Object.entries(labelsOf(target)).map(([targetLabel, replacement]) => ({
              targetLabel,
              replacement,
            })),
          },
        ],
      },
    });
  }
}
