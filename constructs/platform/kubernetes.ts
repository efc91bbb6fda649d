/**
 * The typed Kubernetes API objects that constructs emit. They come from cdk8s-plus-28, whose generated API types are all
 * stable v1 ones; this file is the only place that names that package, so that it can be replaced in one line.
 */
export { k8s } from 'cdk8s-plus-28';

/** A Kubernetes object as plain data, the way it stands in a rendered manifest. */
export interface KubernetesManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}
