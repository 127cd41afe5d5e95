/** Whether to come back after a connection ended, and when. */

/** Bounds of the wait before the next attempt, in milliseconds. */
export interface Backoff {
	/** The longest wait after the first failure; doubles with each. Default 500. */
	readonly base?: number;
	/** Never longer than this, unless the server asks for it. Default 10000. */
	readonly cap?: number;
}

/**
 * Close codes: no return after 1000 (done), 1002 1003 1007 1008 1009 1010 (this client is at fault, and would be again), 3000 and
 * 3003 (not authenticated, not allowed), 4000-4499 (an application's no). HTTP answers to the request for a ticket: none after
 * those below 500 but 408, 425 and 429. The two digits of a DOMException: none, the URL is wrong.
 */
export const isFinal = (code: number): boolean =>
	/^(..|(?!408|425|429)[1-4]..|100[023789]|1010|300[03]|4[0-4]..)$/.test(`${code}`);

/** Full jitter: clients that lost their server together come back spread out. `failures` counts from 1. */
export const wait = (failures: number, { base = 500, cap = 10_000 }: Backoff = {}): number =>
	Math.random() * Math.min(cap, base * 2 ** (failures - 1));
