/** How long to wait before the next attempt. */

/** Bounds of the wait, in milliseconds. */
export interface Backoff {
	/** The longest wait after the first failure; doubles with each. Default 500. */
	readonly base?: number;
	/** Never longer than this, unless the server asks for it. Default 30000. */
	readonly cap?: number;
}

/** Full jitter: clients that lost their server together come back spread out. `failures` counts from 1. */
export const wait = (failures: number, { base = 500, cap = 30_000 }: Backoff = {}): number =>
	Math.random() * Math.min(cap, base * 2 ** (failures - 1));

/** Milliseconds that `Retry-After` (RFC 9110: seconds, or a date) asks for; at most a day. */
export function retryAfter(header: string | null | undefined): number {
	const seconds = Number(header ?? 0);
	const asked = Number.isNaN(seconds) ? Date.parse(header ?? '') - Date.now() : seconds * 1000;
	return Math.max(0, Math.min(asked || 0, 864e5));
}
