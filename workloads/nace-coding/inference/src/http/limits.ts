import type { Config } from '../config.js';
import { Problem } from './problem.js';

/** Refuses what is more than this replica is to take: requests at once, and requests a second with a second's reserve. */
export class Limits {
  private concurrent = 0;
  private tokens: number;
  private filledAt: number;

  /** @param now clock in milliseconds that never goes back */
  constructor(
    private readonly config: Pick<Config['limits'], 'requestsPerSecond' | 'concurrentRequests'>,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.tokens = config.requestsPerSecond;
    this.filledAt = now();
  }

  /** Lets a request in; {@link leave} ends it. @throws Problem 429 */
  enter(): void {
    const { requestsPerSecond, concurrentRequests } = this.config;
    if (this.concurrent >= concurrentRequests) {
      throw new Problem(429, `${concurrentRequests} requests are being answered; try again`, 1);
    }
    const now = this.now();
    this.tokens = Math.min(requestsPerSecond, this.tokens + ((now - this.filledAt) / 1000) * requestsPerSecond);
    this.filledAt = now;
    if (this.tokens < 1) throw new Problem(429, `more than ${requestsPerSecond} requests a second; try again`, 1);
    this.tokens--;
    this.concurrent++;
  }

  leave(): void {
    this.concurrent--;
  }
}
