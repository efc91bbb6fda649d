import type { ComponentProps, ContainerResources, ExternalHosts, IIdentityProvider } from '../platform';
import type { IBucket, IDatabase } from '../storage';

/** What members of a group may do. `run`: read, submit, stop and retry workflows; `read`: see them and their logs. */
export type ArgoPermission = 'run' | 'read';

/** People log in at the identity provider; what they may do is what the first of their groups may that is named here. */
export interface ArgoSso {
  readonly mode: 'sso';
  readonly identityProvider: IIdentityProvider;
  /** Id that the identity provider is asked for a client by, one with a secret: Argo knows neither public clients nor PKCE. @default - the component's name */
  readonly clientId?: string;
  /** Secret in the namespace of the installation with id and secret of that client. @default - `<component>-sso` */
  readonly clientSecretName?: string;
  /** Permission by group, the most important group first. */
  readonly groups: Readonly<Record<string, ArgoPermission>>;
  /** Seconds that a login lasts. @default 28800, eight hours */
  readonly sessionSeconds?: number;
}

/**
 * Who is let in. `client`: whoever calls brings a token that the API of Kubernetes takes, and the server does what that account may. `server`:
 * anybody may do everything that the server may; it is never exposed.
 */
export type ArgoAuthentication = { readonly mode: 'client' } | { readonly mode: 'server' } | ArgoSso;

/** Where what steps leave is kept. */
export interface ArgoArtifacts {
  readonly bucket: IBucket;
  /** Folder in the bucket, without slash at either end. @default 'workflows' */
  readonly prefix?: string;
  /** Whether the logs of all steps are kept, too. @default true */
  readonly archiveLogs?: boolean;
}

/** Where workflows are kept that are no longer in the cluster, and the state of large ones that still are. */
export interface ArgoArchive {
  readonly database: IDatabase;
  /** Days that an ended workflow is kept there. @default 180 */
  readonly keepDays?: number;
}

export interface ArgoWorkflowsProps extends ComponentProps {
  /** @default - nothing that a step leaves is kept, but its outputs */
  readonly artifacts?: ArgoArtifacts;
  /** @default - workflows are gone when their time to live is over */
  readonly archive?: ArgoArchive;
  /** @default - `client` */
  readonly authentication?: ArgoAuthentication;
  /** Whether it brings the definitions of Argo's kinds: `existing` where somebody else has, such as ArgoCustomResources. @default 'made' */
  readonly definitions?: 'made' | 'existing';
  /** Workflows that run at the same time. @default 10 */
  readonly parallelism?: number;
  /** Pods of workflows that may be there at the same time, ended ones until they are cleaned up. @default 100 */
  readonly mostPods?: number;
  /** Servers. @default - 1 for a pilot, 2 in production */
  readonly replicas?: number;
  /** Of the controller. @default - 100m to 1 CPU, 128Mi to 1Gi of memory */
  readonly controllerResources?: ContainerResources;
  /** Of each server. @default - 50m to 1 CPU, 128Mi to 512Mi of memory */
  readonly serverResources?: ContainerResources;
  /** Counters of the controller for Prometheus on port 9090. @default true */
  readonly metrics?: boolean;
  /** Where the API server of Kubernetes is, which the controller, the server and each step call. @default - every address, ports 443 and 6443 */
  readonly apiServer?: ExternalHosts & { readonly ports?: readonly number[] };
}
