import type { Component, ContainerResources, IConnectable, ImageReference, k8s } from '../platform';

/** A volume, and where a program finds it. */
export interface ProgramMount {
  readonly volume: k8s.Volume;
  readonly mountPath: string;
  /** @default true */
  readonly readOnly?: boolean;
}

/** What a program runs, under Pod Security `restricted`: it can write to `/tmp`, which is empty at first, and nowhere else. */
export interface ProgramContainer {
  readonly image: ImageReference;
  /** The whole command, whatever the image says. */
  readonly command: readonly string[];
  /** @default - HOME, which is /tmp */
  readonly env?: readonly k8s.EnvVar[];
  readonly resources: ContainerResources;
  /** @default - /tmp */
  readonly mounts?: readonly ProgramMount[];
}

export interface ProgramProps {
  /** Part of its name behind the component's: `etl`. */
  readonly role: string;
  /** When, in UTC, as five fields of cron. */
  readonly schedule: string;
  /** Seconds that a run with all its tries may take. */
  readonly deadlineSeconds: number;
  /** Tries after the first. */
  readonly retries: number;
}

/** A program that runs on a schedule, one run at a time, as whoever grants it something sees it. */
export interface IProgram extends IConnectable {
  /** Under which it has accounts and users: a DNS label. */
  readonly consumerName: string;
  /** Says what it runs, once everything is granted to it. Called once. */
  runs(container: ProgramContainer): void;
}

/** What starts programs on a schedule: CronJobs of Kubernetes, or an engine for workflows where people see how each run went. */
export interface IProgramScheduler {
  /** A program of a component. Its Pods, and what they mount, are in the namespace of its connections. */
  addProgram(component: Component, props: ProgramProps): IProgram;
}
