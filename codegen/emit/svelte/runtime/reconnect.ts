/** Reconnect policy: final close codes, and delays between attempts. */
import { isDevelopment } from './development.js';

/** Default upper bound of the delay, in milliseconds; short in development, where the server restarts often. */
export const LONGEST_DELAY: number = isDevelopment ? 1000 : 10_000;

/** Bounds of the delay before the next attempt, in milliseconds. */
export interface Backoff {
	/** Longest delay after the first failure; it doubles after each further failure. Default 500. */
	readonly base?: number;
	/** Upper bound of the delay, unless the server requires a longer one. Default 10000; 1000 in development. */
	readonly cap?: number;
}

/**
 * Return true if the client must not reconnect after this code.
 *
 * Final close codes: 1000 (normal closure); 1002, 1003, 1007, 1008, 1009 and 1010 (errors of this client, which would occur
 * again); 3000 and 3003 (unauthorized, forbidden); 4000-4499 (rejected by the application). Final HTTP statuses of the ticket
 * request: all below 500, except 408, 425 and 429. Codes with two digits are from a DOMException: the URL is invalid.
 */
export const isFinal = (code: number): boolean =>
	/^(..|(?!408|42[59])[1-4]..|100[023789]|1010|300[03]|4[0-4]..)$/.test(`${code}`);

/**
 * Return a random delay in milliseconds ("full jitter"), so that clients do not all reconnect at once after an outage.
 *
 * @param failures Number of failed attempts, from 1.
 */
export const backoffDelay = (failures: number, { base = 500, cap = LONGEST_DELAY }: Backoff = {}): number =>
	Math.random() * Math.min(cap, base * 2 ** (failures - 1));
