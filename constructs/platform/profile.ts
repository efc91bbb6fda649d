/**
 * What an installation is for. `pilot`: one node, one replica of each part, images by tag. `production`: replicas and disruption
 * budgets where the software can, images by digest, no plain-text exposure.
 */
export type Profile = 'pilot' | 'production';

/** CPU and memory of one container, in Kubernetes quantities (`250m`, `512Mi`). */
export interface ContainerResources {
  readonly cpu: { readonly request: string; readonly limit: string };
  readonly memory: { readonly request: string; readonly limit: string };
  /** Local disk for logs and scratch files. @default - 64Mi requested, 1Gi limit */
  readonly ephemeralStorage?: { readonly request: string; readonly limit: string };
}
