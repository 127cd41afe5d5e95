/** Tickets: one-time URLs returned by an action of the server. */
import { SocketError } from './errors.js';
import type { LiveOptions } from './live.svelte.js';
import { valueFor, type PerAttempt } from './per-attempt.js';
import type { Ticket } from './socket.js';
import { waitingTime } from './timer.js';

/** Options of the POST request. */
export interface TicketInit extends Omit<RequestInit, 'headers'> {
	readonly headers?: { readonly [name: string]: string };
}

/** URL of the action, or URL of the connection, or a function that returns it. */
export type TicketSource =
	| {
			/** URL of an action to POST to before each attempt; its response contains the URL of the connection. */
			readonly action: string | URL;
			/** Options of the POST request, such as headers or a body. */
			readonly init?: PerAttempt<TicketInit>;
	  }
	| { readonly url: PerAttempt<string | URL> }
	| { readonly ticket: (signal: AbortSignal) => Promise<Ticket> };

/** Options of an ephemeral endpoint. */
export type TicketOptions = LiveOptions & TicketSource;

/**
 * Return the options with a function in place of `action`.
 *
 * @throws TypeError without a source of the URL.
 */
export function withTicket(options: TicketOptions): LiveOptions {
	const { action, init, url, ticket }: { [name: string]: any } = { ...options };
	if (!(action ?? url ?? ticket)) throw new TypeError('expected the option action, url or ticket');
	return action ? { ...options, ticket: fromAction(action, init) } : options;
}

/**
 * Return a function that POSTs to `action` like a form of a SvelteKit page, and returns the ticket from the response, which is a
 * plain JSON object or the result of a SvelteKit form action. Option `ticket` of a persistent endpoint.
 *
 * @throws SocketError if the response contains no ticket.
 */
export const fromAction =
	(action: string | URL, options?: PerAttempt<TicketInit>) =>
	async (signal: AbortSignal): Promise<Ticket> => {
		const init = await valueFor(options, signal);
		const response = await fetch(action, {
			body: new FormData(),
			redirect: 'manual', // a login page is not a ticket
			...init,
			method: 'POST',
			headers: { accept: 'application/json', 'x-sveltekit-action': 'true', ...init?.headers },
			signal,
		});
		const text = await response.text();
		const { type = 'success', status = response.status || 303, error, url, protocols, message = error?.message } = parse(text);
		if ((response.status && !response.ok) || type !== 'success')
			throw new SocketError(
				message ?? `no ticket: ${status}`,
				status,
				undefined,
				waitingTime(response.headers.get('retry-after'), 1000),
			);
		try {
			if (url && typeof url === 'string' && (protocols ?? []).every((name: unknown) => typeof name === 'string'))
				return { url: new URL(url, response.url), protocols };
		} catch {
			// not a URL
		}
		throw new SocketError(`no ticket: expected a URL, got ${text.slice(0, 40)}`, status);
	};

/** Return the members of the response, with those of its data; none if it is malformed. */
function parse(text: string): { readonly [name: string]: any } {
	try {
		const body = JSON.parse(text);
		return { ...(body.data && parseDevalue(body.data)), ...body };
	} catch {
		return {};
	}
}

/** Parse the devalue format: a table of values that refer to each other by index, starting with the first one. */
function parseDevalue(text: string): { [name: string]: any } {
	const table = JSON.parse(text);
	const [root = {}] = table;
	const resolve = (index: number): unknown => (Array.isArray(table[index]) ? table[index].map(resolve) : table[index]);
	for (const name in root) root[name] = resolve(root[name]);
	return root;
}
