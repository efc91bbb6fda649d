/** A Secret that somebody else makes before the platform is deployed: the office, cert-manager, a reflector. */
export interface ExpectedSecret {
  readonly namespace: string;
  readonly name: string;
  /** Keys that it must have. */
  readonly keys: readonly string[];
  /** What it holds, for people: `certificate of the object store`. */
  readonly purpose: string;
}
