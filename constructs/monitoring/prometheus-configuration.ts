import { dump } from 'js-yaml';
import type { AlertGroup } from './alert-groups';
import type { TargetLabels } from './labels';

/** Port of Prometheus, its own default. */
export const PROMETHEUS_PORT = 9090;

/** An endpoint as the configuration names it. */
export interface ScrapeSettings {
  /** Unique among endpoints. */
  readonly id: string;
  /** Name whose addresses are those of the Pods. */
  readonly dnsName: string;
  readonly port: number;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly labels: TargetLabels;
  /** File with the token. @default - it asks for none */
  readonly tokenFile?: string;
  /** @default - plain text */
  readonly tls?: { readonly serverName: string; readonly caFile?: string };
}

/** Everything that `prometheus.yml` says. */
export interface PrometheusSettings {
  readonly platform: string;
  readonly intervalSeconds: number;
  readonly targets: readonly ScrapeSettings[];
  /** Labels of Prometheus' own series. */
  readonly own: TargetLabels;
  /** `host:port` of kube-state-metrics. @default - there is none */
  readonly kubeState?: string;
  /** `host:port` of the Alertmanager. @default - alerts are shown and sent to nobody */
  readonly alertmanager?: string;
  /** File of the rules. */
  readonly rulesFile: string;
}

const OPTIONS = { noRefs: true, lineWidth: -1, quoteStyle: 'double' as const };

/** A version of Prometheus' text form for servers that do not say which one they speak; Prometheus 3 refuses those otherwise. */
const FALLBACK = 'PrometheusText0.0.4';

/**
 * `prometheus.yml`: every endpoint by the addresses of its Pods, which the cluster's DNS tells. No permission is needed for that, nor a
 * way to the API server. Format: https://prometheus.io/docs/prometheus/latest/configuration/configuration/
 */
export function prometheusConfiguration(settings: PrometheusSettings): string {
  const { platform, intervalSeconds, targets, own, kubeState, alertmanager, rulesFile } = settings;
  const interval = `${intervalSeconds}s`;
  return dump(
    {
      global: {
        scrape_interval: interval,
        scrape_timeout: `${Math.min(10, intervalSeconds)}s`,
        evaluation_interval: interval,
        external_labels: { platform },
      },
      rule_files: [rulesFile],
      ...(alertmanager === undefined
        ? {}
        : { alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] } }),
      scrape_configs: [
        { job_name: 'prometheus', static_configs: [{ targets: [`localhost:${PROMETHEUS_PORT}`], labels: { ...own } }] },
        ...(kubeState === undefined
          ? []
          : [
              {
                job_name: 'kube-state-metrics',
                // What it tells is of other objects than itself, whose namespaces and names it says.
                honor_labels: true,
                static_configs: [{ targets: [kubeState] }],
                metric_relabel_configs: [{ source_labels: ['namespace'], regex: `${platform}-.+`, action: 'keep' }],
              },
            ]),
        ...targets.map(scrapeConfig),
      ],
    },
    OPTIONS,
  );
}

function scrapeConfig({ id, dnsName, port, path, params, labels, tokenFile, tls }: ScrapeSettings): object {
  return {
    job_name: id,
    scheme: tls === undefined ? 'http' : 'https',
    metrics_path: path,
    fallback_scrape_protocol: FALLBACK,
    ...(Object.keys(params).length === 0
      ? {}
      : { params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, [value]])) }),
    ...(tokenFile === undefined ? {} : { authorization: { type: 'Bearer', credentials_file: tokenFile } }),
    ...(tls === undefined
      ? {}
      : {
          tls_config: {
            server_name: tls.serverName,
            ...(tls.caFile === undefined ? {} : { ca_file: tls.caFile }),
          },
        }),
    dns_sd_configs: [{ names: [dnsName], type: 'A', port, refresh_interval: '15s' }],
    relabel_configs: Object.entries(labels).map(([name, value]) => ({ target_label: name, replacement: value })),
  };
}

/** A file of rules. Format: https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/ */
export function rulesDocument(groups: readonly AlertGroup[]): string {
  return dump({ groups }, OPTIONS);
}
