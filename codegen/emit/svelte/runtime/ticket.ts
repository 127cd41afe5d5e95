/** Tickets: one-time URLs returned by an action of the server. */
import { SocketError } from './errors.js';

/** Response of the action. */
export interface Ticket {
	/** One-time URL of the connection. */
	readonly url: string | URL;
	/** Subprotocols to offer; the server selects one. */
	readonly protocols?: string[] | undefined;
}

/** Options of the POST request. */
export interface TicketInit extends Omit<RequestInit, 'headers'> {
	readonly headers?: { readonly [name: string]: string };
}

/**
 * POST to `action` like a form of a SvelteKit page, and return the ticket from the response, which is a plain JSON object or the
 * result of a SvelteKit form action.
 *
 * @throws SocketError if the response contains no ticket.
 */
export async function fetchTicket(action: string | URL, init: TicketInit | undefined, signal: AbortSignal): Promise<Ticket> {
	const response = await fetch(action, {
		body: new FormData(),
		...init,
		method: 'POST',
		headers: { accept: 'application/json', 'x-sveltekit-action': 'true', ...init?.headers },
		signal,
	});
	const body = await response.json().catch((error: unknown) => response.ok && Promise.reject(error));
	const { type = 'success', status = response.status, error } = body;
	const { url, protocols, message = error?.message } = body.data ? parseDevalue(body.data) : body;
	if (!response.ok || type !== 'success')
		throw new SocketError(message ?? `no ticket: ${status}`, status, +response.headers.get('retry-after')! * 1000 || 0);
	return { url: new URL(url, response.url), protocols };
}

/** Parse the devalue format: a table of values that refer to each other by index, starting with the first one. */
function parseDevalue(text: string): { [name: string]: any } {
	const table = JSON.parse(text);
	const [root = {}] = table;
	const resolve = (index: number): unknown => (Array.isArray(table[index]) ? table[index].map(resolve) : table[index]);
	for (const name in root) root[name] = resolve(root[name]);
	return root;
}
