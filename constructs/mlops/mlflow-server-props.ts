import type { ComponentProps, ContainerResources, ExternalHosts } from '../platform';
import type { IBucket, IDatabase } from '../storage';

/** Where artifacts go, and who carries them there. */
export interface MlflowArtifacts {
  readonly bucket: IBucket;
  /** Folder in the bucket, without slash at either end. @default 'artifacts' */
  readonly prefix?: string;
  /**
   * `proxied`: clients send artifacts to the server, which alone reaches the bucket; each passes through the server's local disk. `direct`: clients carry them to the bucket
   * with keys of their own; the server's permissions then do not cover artifacts. An experiment keeps the way that it was created with.
   *
   * @default 'proxied'
   */
  readonly transfer?: 'proxied' | 'direct';
}

/** What a user may do with an experiment or model of another user that grants nothing. */
export type MlflowPermission = 'NO_PERMISSIONS' | 'READ' | 'USE' | 'EDIT' | 'MANAGE';

/** Basic authentication. */
export interface MlflowAuthentication {
  /**
   * Database of the users and their permissions, of the same server and owner as the tracking database.
   *
   * @default - a database of the same server and owner, named as the tracking database with `_auth` added
   */
  readonly database?: IDatabase;
  /** @default 'NO_PERMISSIONS': a user sees what it made and what it was granted */
  readonly defaultPermission?: MlflowPermission;
}

/** When, and how late, what users deleted is deleted for good, with its artifacts. */
export interface MlflowGarbageCollection {
  /** Cron expression, in UTC. @default '30 2 * * *' */
  readonly schedule?: string;
  /** Days that a deleted run, experiment or model can still be restored, at least 1. @default 30 */
  readonly olderThanDays?: number;
}

export interface MlflowServerProps extends ComponentProps {
  /** Experiments, runs and registered models. */
  readonly database: IDatabase;
  /** Artifacts: models, plots, tables. */
  readonly artifacts: MlflowArtifacts;
  /** @default - basic authentication, with a database of its own */
  readonly authentication?: MlflowAuthentication | 'none';
  /** Pods. @default - 1 for a pilot, 2 in production */
  readonly replicas?: number;
  /** Processes in each Pod that answer requests, 1 to 64. @default 2 */
  readonly workers?: number;
  /**
   * The local disk bounds the artifacts that are on their way at one time.
   *
   * @default - 250m to 2 CPU; 256Mi to 512Mi of memory for each worker and the parent; 256Mi to 10Gi of local disk
   */
  readonly resources?: ContainerResources;
  /** Path that everything stands under, `/mlflow`, where a host serves more than MLflow. @default - none */
  readonly staticPrefix?: string;
  /** Counters for Prometheus on port 9090. @default true */
  readonly metrics?: boolean;
  /** @default - every night, what was deleted 30 days ago */
  readonly garbageCollection?: MlflowGarbageCollection | 'off';
  /** Hosts that webhooks of the registry may call, on port 443. @default - no webhooks */
  readonly webhooks?: ExternalHosts;
  /** Who may show MLflow in a frame (`X-Frame-Options`); its own pages need `SAMEORIGIN`. @default 'SAMEORIGIN' */
  readonly frameOptions?: 'SAMEORIGIN' | 'DENY' | 'NONE';
  /** Further `Host` headers to accept, without port: names that this library does not know of. @default - none */
  readonly furtherHosts?: readonly string[];
}
