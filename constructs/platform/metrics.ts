import type { Construct } from 'constructs';
import type { Component } from './component';
import type { PlatformNamespace } from './namespace';
import type { Connections } from './network';
import type { SecretRef } from './secret-ref';

/** An endpoint that answers Prometheus, declared once by the component that runs it. */
export interface MetricsTarget {
  /** What runs, as the label `job` of its series, which alerts and dashboards ask for: `minio`. A DNS label. */
  readonly job: string;
  readonly component: Component;
  /** Part of the component, where it has several endpoints: `controller`. @default - the component is one endpoint */
  readonly part?: string;
  /** Traffic of its Pods: whoever reads gets a hole. */
  readonly connections: Connections;
  /** Labels of exactly the Pods that answer. @default - every Pod of the connections */
  readonly podLabels?: Readonly<Record<string, string>>;
  /** Port of the container. */
  readonly port: number;
  /** @default '/metrics' */
  readonly path?: string;
  /** Of the query. @default - none */
  readonly params?: Readonly<Record<string, string>>;
  /** How it speaks TLS. @default - plain text */
  readonly tls?: MetricsTls;
  /**
   * Where the token stands that it asks for, in the namespace of whoever reads; made there on demand.
   *
   * @default - it asks for none
   */
  readonly token?: (scope: Construct, namespace: PlatformNamespace) => SecretRef;
}

/** What a reader must know of the certificate of an endpoint. */
export interface MetricsTls {
  /** Name that the certificate covers: Pods are called by their addresses. */
  readonly serverName: string;
  /** Who signed it, in the namespace of whoever reads. @default - an authority that every system trusts */
  readonly authority?: (scope: Construct, namespace: PlatformNamespace) => SecretRef;
}

/** How soon somebody must look: `critical` now, at night too; `warning` on the next working day. */
export type AlertSeverity = 'warning' | 'critical';

/** When somebody is called, as data. */
export interface AlertRule {
  /** `minio-drive-offline`; the alert is called `MinioDriveOffline`. */
  readonly id: string;
  /** The `job` that it watches, or `cluster`: rules of one job are one group. */
  readonly job: string;
  /** One sentence for whoever is called. `{{ $labels.NAME }}` stands for a label of the series. */
  readonly summary: string;
  /** Why it matters. */
  readonly why: string;
  /** PromQL that gives a series for each case. */
  readonly expr: string;
  /** How long it must be so, a duration of Prometheus: `5m`. */
  readonly for: string;
  readonly severity: AlertSeverity;
  /** Page that tells what to do, from the root of the repository. */
  readonly runbook: `docs/runbooks/${string}.md`;
}

/** How numbers on an axis are written. */
export type DashboardUnit = 'short' | 'bytes' | 'seconds' | 'percentunit' | 'reqps' | 'ops' | 'bool';

/** One picture. */
export interface DashboardPanel {
  readonly title: string;
  /** A line over time, or the last value as a number. @default 'line' */
  readonly kind?: 'line' | 'number';
  readonly unit: DashboardUnit;
  readonly queries: readonly {
    /** PromQL. */
    readonly expr: string;
    /** Name of each line, with `{{label}}` for a label. @default - all labels */
    readonly legend?: string;
  }[];
}

/** A page of Grafana, as data. */
export interface MetricsDashboard {
  /** Stable name in its address: `bouture-minio`. At most 40 characters. */
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly DashboardPanel[];
}

/** Something that has metrics. */
export interface IMonitored {
  /** Declares its metrics, alerts and dashboard. */
  monitorVia(metrics: IMetrics): void;
}

/** Whether a construct has metrics. */
export function isMonitored(construct: object): construct is IMonitored {
  return 'monitorVia' in construct && typeof construct.monitorVia === 'function';
}

/** Whoever watches the platform, whichever software that is. Components receive it and declare what they have. */
export interface IMetrics {
  /** Reads an endpoint from now on. @throws Error when the component's endpoint of this name is declared already */
  scrape(target: MetricsTarget): void;
  /** Watches a rule; said twice, it is the same. @throws Error when another rule has its id */
  alert(rule: AlertRule): void;
  /** Shows a page; said twice, it is the same. @throws Error when another page has its uid */
  dashboard(dashboard: MetricsDashboard): void;
}
