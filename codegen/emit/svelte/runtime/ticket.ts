/** One-time URLs. */
import { SocketError } from './errors.js';
import { retryAfter } from './retry.js';

/** What a POST to the action answers. */
export interface Ticket {
	/** Where to connect, once. */
	readonly url: string | URL;
	/** The subprotocols to offer; the server selects one. */
	readonly protocols?: string[] | undefined;
}

/** POST to `action` as the form of a SvelteKit page does, and read either form of the answer. */
export async function ticket(action: string | URL, init: RequestInit | undefined, signal: AbortSignal): Promise<Ticket> {
	const headers = new Headers(init?.headers);
	headers.set('accept', 'application/json');
	headers.set('x-sveltekit-action', 'true');
	const response = await fetch(action, { body: new FormData(), ...init, method: 'POST', headers, signal });
	const { type, status, data, ...plain } = response.ok ? await response.json() : response;
	if (!response.ok || (type && type !== 'success')) {
		throw new SocketError(`no ticket: ${status}`, status, retryAfter(response.headers.get('retry-after')));
	}
	let { url, protocols } = plain;
	if (data) {
		// Devalue's format: a table of values that name each other by their place, from the first one on.
		const table = JSON.parse(data);
		url = table[table[0].url];
		protocols = table[table[0].protocols]?.map((place: number) => table[place]);
	}
	return { url: new URL(url, response.url), protocols };
}
