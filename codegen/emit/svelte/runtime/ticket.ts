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
	const answer = await response.json().catch((error: unknown) => response.ok && Promise.reject(error));
	const { type = 'success', status = response.status, error } = answer;
	const { url, protocols, message = error?.message } = answer.data ? devalued(answer.data) : answer;
	if (!response.ok || type !== 'success')
		throw new SocketError(message ?? `no ticket: ${status}`, status, +response.headers.get('retry-after')! * 1000 || 0);
	return { url: new URL(url, response.url), protocols };
}

/** Read devalue's format: a table of values that name each other by their place, from the first one on. */
function devalued(text: string): { [name: string]: any } {
	const table = JSON.parse(text);
	const at = (place: number): unknown => (Array.isArray(table[place]) ? table[place].map(at) : table[place]);
	for (const name in table[0]) table[0][name] = at(table[0][name]);
	return table[0] ?? {};
}
