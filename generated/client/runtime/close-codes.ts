/** Close codes: whether to come back. */

/**
 * No after 1000 (done), 1002 1003 1007 1008 1009 1010 (this client is at fault, and would be again), 3000 and 3003 (not
 * authenticated, not allowed) and 4000-4499 (an application's no). Of HTTP answers to a ticket request: no after all below
 * 500 but 408, 425 and 429. Yes after all others.
 */
export const isFinal = (code: number): boolean =>
	code < 500
		? ![408, 425, 429].includes(code)
		: [1000, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003].includes(code) || (code >= 4000 && code < 4500);
