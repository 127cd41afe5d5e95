/** One-time URLs. */
import { SocketError } from './errors.js';

/** What a POST to the action answers. */
export interface Ticket {
	/** Where to connect, once. */
	readonly url: string | URL;
	/** The subprotocols to offer; the server selects one. */
	readonly protocols?: string[] | undefined;
}

/** Options of the POST. */
export interface TicketInit extends Omit<RequestInit, 'headers'> {
	readonly headers?: { readonly [name: string]: string };
}

/** POST to `action` as the form of a SvelteKit page does, and read either form of the answer. */
export async function ticket(action: string | URL, init: TicketInit | undefined, signal: AbortSignal): Promise<Ticket> {
	const response = await fetch(action, {
		body: new FormData(),
		...init,
		method: 'POST',
		headers: { accept: 'application/json', 'x-sveltekit-action': 'true', ...init?.headers },
		signal,
	});
	// A response that is not ok has a status and a type as well, which is not this one.
	let { type = 'success', status, data, url, protocols } = response.ok ? await response.json() : response;
	if (type !== 'success') {
		throw new SocketError(`no ticket: ${status}`, status, +response.headers.get('retry-after')! * 1000 || 0);
	}
	if (data) {
		// Devalue's format: a table of values that name each other by their place, from the first one on.
		const table = JSON.parse(data);
		url = table[table[0].url];
		protocols = table[table[0].protocols]?.map((place: number) => table[place]);
	}
	return { url: new URL(url, response.url), protocols };
}
