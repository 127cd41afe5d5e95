/** Tokens in the list of subprotocols, because a page cannot set headers of a WebSocket. */
import { SUBPROTOCOL } from './socket.js';

/** Return the option `protocols` with a token for the guard `bearer` of the server. */
export const bearer = (token: string): string[] => [
	SUBPROTOCOL,
	// A subprotocol is a token of RFC 9110, which contains no parentheses.
	`bearer.${encodeURIComponent(token).replace(/[()]/g, (one) => `%${one.charCodeAt(0).toString(16)}`)}`,
];
