/** Where one secret value stands: a key of a Secret. Constructs pass these around, never the value. */
export interface SecretRef {
  /** Namespace of the Secret. */
  readonly namespace: string;
  /** Name of the Secret. */
  readonly name: string;
  /** Key in the Secret. */
  readonly key: string;
}
