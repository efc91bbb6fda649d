import type { IConstruct } from 'constructs';
import type { Connections, k8s, PlatformNamespace, RecommendedLabels } from '../platform';

/** A program that an engine starts on a schedule: one Pod with one container. */
export interface ScheduledProgram {
  /** Name of the object that is made: a DNS label of at most 52 characters, for Kubernetes adds eleven to the name of each Job. */
  readonly name: string;
  /** Labels of all that is made, and of the Pods. */
  readonly labels: RecommendedLabels;
  /** When, in UTC, as five fields of cron. */
  readonly schedule: string;
  /** Tries after the first. */
  readonly retries: number;
  /** Seconds that all tries together may take. */
  readonly deadlineSeconds: number;
  /** The traffic of its Pods, whose labels they must carry, in the engine's namespace. */
  readonly connections: Connections;
  /** One container, its volumes, and the account that it runs as; neither init containers nor a restart policy. */
  readonly pod: k8s.PodSpec;
}

/**
 * What runs workflows in one namespace, such as Argo Workflows. Programs of the platform that run on a schedule are handed to it, so that
 * people see them beside their own workflows.
 */
export interface IWorkflowEngine extends IConstruct {
  /** Where workflows run: what a program mounts, and its NetworkPolicy, stand here. */
  readonly namespace: PlatformNamespace;
  /**
   * Starts a program on a schedule, one run at a time. The engine adds what its own sidecar needs: the right to report, and a way to the
   * API server.
   *
   * @param scope in which the objects are made
   * @param id construct id
   * @throws Error when the program's connections stand in another namespace
   */
  scheduleProgram(scope: IConstruct, id: string, program: ScheduledProgram): void;
}

/** A workflow that can be started by its name. */
export interface IWorkflowTemplate {
  readonly engine: IWorkflowEngine;
  /** Name of the WorkflowTemplate, in the engine's namespace. */
  readonly templateName: string;
}
