import type { Construct } from 'constructs';
import type { Component } from './component';
import { k8s } from './kubernetes';
import type { RecommendedLabels } from './labels';
import { atStep } from './layer';

/** A day that never comes: such a CronJob is a template that people start Jobs from. */
const NEVER = '0 0 31 2 *';

export interface ScheduledJobProps {
  /** Construct id of the CronJob. @default - the role */
  readonly id?: string;
  /** Part of its name behind the component's: `backup`. */
  readonly role: string;
  readonly labels: RecommendedLabels;
  /** Of the CronJob: reasons for what rules forbid. @default - none */
  readonly annotations?: Readonly<Record<string, string>>;
  /** When, in UTC, as five fields of cron; `never` for one that people start Jobs from. */
  readonly schedule: string;
  /** Whether it starts no Job by itself. @default - the manifest does not say, and it starts them */
  readonly suspend?: boolean;
  /** How often a Job that failed is tried again. */
  readonly backoffLimit: number;
  /** Seconds that one Job may take. */
  readonly deadlineSeconds: number;
  readonly pod: k8s.PodSpec;
}

/**
 * A CronJob that copies what a server keeps, or brings it back: one Job at a time, an hour's grace for a start that was missed, three Jobs
 * of each kind to look at. Step 2 of the component's layer.
 */
export function scheduledJob(scope: Construct, component: Component, props: ScheduledJobProps): void {
  const { role, labels, annotations, schedule, suspend, backoffLimit, deadlineSeconds, pod } = props;
  const cronJob = new k8s.KubeCronJob(scope, props.id ?? role, {
    metadata: {
      name: `${component.componentName}-${role}`,
      namespace: component.namespace.name,
      labels,
      ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
    },
    spec: {
      schedule: schedule === 'never' ? NEVER : schedule,
      timeZone: 'Etc/UTC',
      ...(suspend === undefined ? {} : { suspend }),
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 3600,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        metadata: { labels },
        spec: {
          backoffLimit,
          activeDeadlineSeconds: deadlineSeconds,
          template: { metadata: { labels }, spec: pod },
        },
      },
    },
  });
  atStep(cronJob, 2);
}
