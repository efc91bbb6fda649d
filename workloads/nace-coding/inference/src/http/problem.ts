/** Where in a request something is wrong, and what is expected there; the form that clients of FastAPI know. */
export interface Detail {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/** An answer that is no success; it becomes the body of the response. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly status: number,
    readonly detail: string | readonly Detail[],
    /** Seconds after which another try makes sense. */
    readonly retryAfter?: number,
  ) {
    super(typeof detail === 'string' ? detail : JSON.stringify(detail));
  }
}
