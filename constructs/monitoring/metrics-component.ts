import type { Construct } from 'constructs';
import {
  type AlertRule,
  atStep,
  compare,
  Component,
  type ComponentProps,
  dnsLabel,
  type IMetrics,
  k8s,
  Layer,
  type MetricsDashboard,
  type MetricsTarget,
} from '../platform';
import { type AlertGroup, alertGroups } from './alert-groups';
import { clusterAlerts, targetAlerts } from './alerts';
import { grafanaJson } from './dashboards/grafana';
import { OVERVIEW_DASHBOARD } from './dashboards/overview';
import { labelsOf } from './labels';

export interface MetricsProps extends ComponentProps {
  /** Address of the folder of the runbooks, such as that of an office's own wiki. @default - alerts name the path in the repository */
  readonly runbooksUrl?: string;
  /**
   * Labels by which Grafana's sidecar finds dashboards; it must look in every namespace.
   *
   * @default - grafana_dashboard: '1', which the charts of Grafana look for
   */
  readonly dashboardLabels?: Readonly<Record<string, string>>;
}

/** An endpoint, with what was made for it. */
export interface DeclaredTarget {
  readonly target: MetricsTarget;
  /** Service without an address of its own that leads to each of its Pods, ready or not. */
  readonly serviceName: string;
}

/** Name of the port of the Services that lead to endpoints. */
export const METRICS_PORT_NAME = 'metrics';

/** What every way to watch a platform has in common: endpoints with their Services, rules, and dashboards in ConfigMaps. */
export abstract class MetricsComponent extends Component implements IMetrics {
  private readonly targets = new Map<string, DeclaredTarget>();
  private readonly rules = new Map<string, AlertRule>();
  private readonly dashboards = new Map<string, MetricsDashboard>();

  protected constructor(
    scope: Construct,
    id: string,
    private readonly common: MetricsProps,
    private readonly software: string,
  ) {
    super(scope, id, Layer.WORKLOADS, common);
    this.dashboard(OVERVIEW_DASHBOARD);
  }

  scrape(target: MetricsTarget): void {
    dnsLabel('job', target.job);
    const { component, part, port, podLabels = target.connections.podLabels } = target;
    const serviceName = [component.componentName, ...(part === undefined ? [] : [part]), 'metrics'].join('-');
    const key = `${component.namespace.name}-${serviceName}`;
    if (this.targets.has(key)) {
      throw new Error(
        `"${component.node.path}" declares its endpoint ${part ?? target.job} to "${this.node.path}" twice: give each a part of its own`,
      );
    }
    const service = new k8s.KubeService(this, `service-${key}`, {
      metadata: {
        name: dnsLabel('service', serviceName),
        namespace: component.namespace.name,
        labels: this.targetLabels(target),
      },
      spec: {
        type: 'ClusterIP',
        clusterIp: 'None',
        // A Pod that is not ready is the one whose numbers are wanted.
        publishNotReadyAddresses: true,
        selector: { ...podLabels },
        ports: [{ name: METRICS_PORT_NAME, port, targetPort: k8s.IntOrString.fromNumber(port), protocol: 'TCP' }],
      },
    });
    atStep(service, 0);
    const declared = { target, serviceName };
    this.targets.set(key, declared);
    this.read(declared, key);
  }

  alert(rule: AlertRule): void {
    const known = this.rules.get(rule.id);
    if (known !== undefined && known !== rule) {
      throw new Error(`two alerts of "${this.node.path}" have the id "${rule.id}": give one of them another`);
    }
    this.rules.set(rule.id, rule);
  }

  dashboard(dashboard: MetricsDashboard): void {
    const { uid } = dashboard;
    const known = this.dashboards.get(uid);
    if (known === dashboard) return;
    if (known !== undefined) {
      throw new Error(`two dashboards of "${this.node.path}" have the uid "${uid}": give one of them another`);
    }
    this.dashboards.set(uid, dashboard);
    new k8s.KubeConfigMap(this, `dashboard-${uid}`, {
      metadata: {
        name: `${this.componentName}-dashboard-${dnsLabel('uid of a dashboard', uid)}`,
        namespace: this.namespace.name,
        labels: {
          ...this.labels(this.software, 'dashboard'),
          ...(this.common.dashboardLabels ?? { grafana_dashboard: '1' }),
        },
      },
      data: { [`${uid}.json`]: grafanaJson(dashboard) },
    });
  }

  /** Does what is needed so that an endpoint is read. @param id unique among endpoints */
  protected abstract read(declared: DeclaredTarget, id: string): void;

  /** Watches Jobs, CronJobs and Pods of the platform by what kube-state-metrics tells. */
  protected watchCluster(): void {
    for (const rule of clusterAlerts(this.platform.name)) this.alert(rule);
  }

  /** Every endpoint, in an order that depends on names alone. */
  protected get declaredTargets(): readonly DeclaredTarget[] {
    return [...this.targets].sort(([a], [b]) => compare(a, b)).map(([, declared]) => declared);
  }

  /** Every rule, those of endpoints included. Complete at synthesis only. */
  protected get alertGroups(): readonly AlertGroup[] {
    const targets = this.declaredTargets.map(({ target }) => labelsOf(target));
    const distinct = [...new Map(targets.map((labels) => [JSON.stringify(labels), labels])).values()];
    return alertGroups([...this.rules.values(), ...targetAlerts(distinct)], this.common.runbooksUrl);
  }

  /** Labels of the Service of an endpoint, by which a ServiceMonitor finds it. */
  protected targetLabels({ component, part, job }: MetricsTarget): Record<string, string> {
    return { ...component.labels(job, part === undefined ? 'metrics' : `${part}-metrics`) };
  }
}
