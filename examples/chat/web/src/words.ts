/** Words for users about errors. The texts of the errors are for developers. */

import { InvalidMessage, Refused, SocketError } from '../../../../generated/client/runtime/errors.js';

const KINDS: { readonly [kind: string]: string } = {
	blocked: 'The browser does not allow this connection.',
	closed: 'The connection was closed.',
	misconfigured: 'This page cannot reach its server. Tell the people who run it.',
	network: 'No connection to the server.',
	timeout: 'The server did not answer in time.',
	unavailable: 'The server is not available now. Try again later.',
};

/** Return a sentence for an error of the client. */
export function inWords(error: unknown): string {
	if (error instanceof InvalidMessage && error.keyword === 'maxLength') return `A message has at most ${String(error.expected)} characters.`;
	if (error instanceof InvalidMessage) return 'This message cannot be sent.';
	if (error instanceof Refused && error.code === 'rate_limited') return 'Too many messages at once. Try again in a moment.';
	if (error instanceof Refused && error.code === 'repeated') return 'You have said this before.';
	if (error instanceof Refused) return 'The server could not accept this message. Try again later.';
	if (error instanceof SocketError) return KINDS[error.kind] ?? 'The server does not allow this.';
	return 'Something went wrong. Reload the page and try again.';
}
