import type { IConstruct } from 'constructs';
import type { Connections, IConnectable, PlatformNamespace } from '../platform';

/** Pods that ask for workflows to be run. */
export interface WorkflowSubmitter extends IConnectable {
  /** Their service account, in their namespace: its token must be in the Pod. */
  readonly serviceAccountName: string;
}

/** Who runs workflows, as whoever declares one needs to know it. */
export interface IWorkflowEngine extends IConstruct {
  /** Where workflows and their Pods are. */
  readonly workflowNamespace: PlatformNamespace;
  /** The account that tells how a step ended. What runs in a step has no token of it. */
  readonly executorName: string;
  /** Pods that may be there at the same time. */
  readonly mostPods: number;
  /** Whether what is known of steps goes to a database where an object would become too large. */
  readonly offloadsStatus: boolean;
  /** Address of the server inside the cluster. */
  readonly url: string;
  /** Lets the Pods of a workflow tell how they ended, and keep what they leave. */
  connectSteps(connections: Connections): void;
  /** Lets Pods submit workflows and read what became of them, at the server and at the API of Kubernetes. */
  grantSubmit(submitter: WorkflowSubmitter): void;
}
