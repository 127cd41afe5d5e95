/** One-time URLs. */
import { retryAfter } from './backoff.js';
import { SocketError } from './errors.js';

/** What a POST to the action answers. */
export interface Ticket {
	/** Where to connect, once; relative to the action. */
	readonly url: string;
	/** The subprotocols to offer; the server selects one. */
	readonly protocols?: readonly string[];
}

/** POST to `action` as the form of a SvelteKit page does, and read either form of the answer. */
export async function ticket(action: string | URL, init: RequestInit | undefined, signal: AbortSignal): Promise<Ticket> {
	const response = await fetch(action, {
		cache: 'no-store',
		body: new FormData(), // SvelteKit's actions insist on a form
		...init,
		method: 'POST',
		headers: {
			accept: 'application/json',
			'x-sveltekit-action': 'true',
			...Object.fromEntries(new Headers(init?.headers)),
		},
		signal,
	});
	const refused = (status: number): SocketError =>
		new SocketError(`the server refused a ticket: ${status}`, status, retryAfter(response.headers.get('retry-after')));
	if (!response.ok || response.status === 204) throw refused(response.status);
	const answer = await response.json();
	if ((answer.type ?? 'success') !== 'success') throw refused(answer.status);
	const { url, protocols } = typeof answer.data === 'string' ? unflatten(JSON.parse(answer.data)) : answer;
	return { url: new URL(url, response.url).href, protocols };
}

/** Devalue's form: a table of values that name each other by index; the first is the root. */
function unflatten(table: readonly any[]): any {
	const value = (index: number): unknown => {
		const entry = table[index];
		return Array.isArray(entry) ? entry.map(value) : entry;
	};
	return Object.fromEntries(Object.entries(table[0]).map(([name, index]) => [name, value(index as number)]));
}
