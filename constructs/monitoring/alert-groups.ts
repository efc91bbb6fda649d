import { type AlertRule, compare } from '../platform';

/** A group of rules in Prometheus's own form, of its rule files and of PrometheusRule alike. */
export interface AlertGroup {
  readonly name: string;
  readonly rules: readonly {
    readonly alert: string;
    readonly expr: string;
    readonly for: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

/** `minio-drive-offline` is the alert `MinioDriveOffline`. */
export function alertName(id: string): string {
  return id.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * Rules as Prometheus reads them, one group for each job.
 *
 * @param runbooks address of the folder of the runbooks. @default - the annotation `runbook` holds the path in the repository
 */
export function alertGroups(rules: readonly AlertRule[], runbooks?: string): readonly AlertGroup[] {
  return [...new Set(rules.map(({ job }) => job))].sort(compare).map((job) => ({
    name: `bouture-${job}`,
    rules: rules
      .filter((rule) => rule.job === job)
      .sort((a, b) => compare(a.id, b.id))
      .map((rule) => ({
        alert: alertName(rule.id),
        expr: rule.expr,
        for: rule.for,
        labels: { severity: rule.severity },
        annotations: {
          summary: rule.summary,
          description: rule.why,
          ...(runbooks === undefined ? { runbook: rule.runbook } : { runbook_url: `${runbooks}/${rule.id}.md` }),
        },
      })),
  }));
}
