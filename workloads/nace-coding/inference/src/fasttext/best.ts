/** Places of labels and their scores, the best first. */
export interface Ranked {
  readonly label: number;
  /** Logarithm of the probability, in 32 bits. */
  readonly score: number;
}

/**
 * Keeps the best labels on a heap as the C++ library does (`std::push_heap`, `std::pop_heap`, `std::sort_heap` of libstdc++ over a heap with
 * the least score on top), because the order of equal scores, which are frequent with `ova`, is a result of exactly these moves.
 */
export class BestLabels {
  private readonly scores: Float32Array;
  private readonly labels: Int32Array;
  private size = 0;

  constructor(private readonly limit: number) {
    this.scores = new Float32Array(limit + 1);
    this.labels = new Int32Array(limit + 1);
  }

  /** The score that another label must reach. */
  get bound(): number {
    return this.size === this.limit ? (this.scores[0] ?? -Infinity) : -Infinity;
  }

  /** Offers a label; `score` must be a 32-bit number. */
  offer(label: number, score: number): void {
    if (score < this.bound) return;
    this.raise(this.size++, 0, score, label);
    if (this.size > this.limit) {
      this.popTo(this.size - 1);
      this.size--;
    }
  }

  /** What was kept, the best first. Ends the heap. */
  take(): Ranked[] {
    for (let last = this.size - 1; last > 0; last--) this.popTo(last);
    const ranked: Ranked[] = [];
    for (let i = 0; i < this.size; i++) ranked.push({ label: this.labels[i] ?? 0, score: this.scores[i] ?? 0 });
    this.size = 0;
    return ranked;
  }

  private move(from: number, to: number): void {
    this.scores[to] = this.scores[from] ?? 0;
    this.labels[to] = this.labels[from] ?? 0;
  }

  /** Puts an entry where it belongs on the way from `hole` up to `top`. */
  private raise(hole: number, top: number, score: number, label: number): void {
    while (hole > top) {
      const parent = (hole - 1) >> 1;
      if ((this.scores[parent] ?? 0) <= score) break;
      this.move(parent, hole);
      hole = parent;
    }
    this.scores[hole] = score;
    this.labels[hole] = label;
  }

  /** Exchanges the least with what stands at `last`, and orders what is before it. */
  private popTo(last: number): void {
    const score = this.scores[last] ?? 0;
    const label = this.labels[last] ?? 0;
    this.move(0, last);
    let hole = 0;
    let child = 0;
    while (child < (last - 1) >> 1) {
      child = 2 * (child + 1);
      if ((this.scores[child] ?? 0) > (this.scores[child - 1] ?? 0)) child--;
      this.move(child, hole);
      hole = child;
    }
    if ((last & 1) === 0 && child === (last - 2) >> 1) {
      child = 2 * child + 1;
      this.move(child, hole);
      hole = child;
    }
    this.raise(hole, 0, score, label);
  }
}
