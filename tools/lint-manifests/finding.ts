/** What a linter says of one object. */
export interface Finding {
  readonly tool: 'checkov' | 'kube-score';
  /** The linter's own id of the check: `CKV_K8S_35`, `pod-probes-identical`. */
  readonly id: string;
  /** `Deployment/namespace/name` */
  readonly object: string;
  readonly file: string;
  readonly message: string;
}
