/** Pace of one message type: no faster than the `rate` that the server accepts. */

/** Factor of the intervals between two messages, so that none arrives too early because the one before it was delayed. */
const MARGIN = 1.05;

/** Tokens for messages on one connection: a burst first, then one for each interval. */
export class TokenBucket {
	/** Milliseconds between two tokens. */
	readonly #interval: number;
	readonly #most: number;
	#tokens: number;
	#at = performance.now();

	/** @param rate Number of messages, and the period in seconds. */
	constructor([count, seconds]: readonly [count: number, seconds: number]) {
		this.#interval = (seconds * 1000 * MARGIN) / count;
		// One less than the server accepts at once, for the same reason.
		this.#tokens = this.#most = Math.max(count - 1, 1);
	}

	/** Take a token and return 0, or return the milliseconds until there is one. */
	take(): number {
		const now = performance.now();
		this.#tokens = Math.min(this.#tokens + (now - this.#at) / this.#interval, this.#most);
		this.#at = now;
		if (this.#tokens < 1) return Math.ceil((1 - this.#tokens) * this.#interval);
		this.#tokens--;
		return 0;
	}
}
