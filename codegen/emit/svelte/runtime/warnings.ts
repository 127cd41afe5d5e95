/** Warnings in the console of the browser, during development. */
import type { ErrorData, Refused, SocketError } from './errors.js';

const OUTDATED =
	'the page and the server have different schemas: run `python -m codegen`, restart the server and reload the page';

/** Remedies by the code of an error; errors that the schema declares have none. */
const REMEDIES: { readonly [code: string]: string } = {
	invalid_message: OUTDATED,
	unknown_message: OUTDATED,
	unsupported_frame: OUTDATED,
	malformed_json: 'send values that JSON can represent, such as numbers up to 1e308',
	too_deep: 'send fewer levels of arrays and objects',
	rate_limited: 'send less often, or raise `rate` in the schema or `limits` of the server',
	unavailable: 'the server cannot reach its backplane, such as Redis',
	internal: 'the exception is in the log of the server',
};

/** Remedies by the close code or the HTTP status of a connection. */
const CONNECTION_REMEDIES: { readonly [code: number]: string } = {
	18: 'add the address of the server to `connect-src` of the Content-Security-Policy, with `wss:` and `https:`',
	1009: 'send less data in one message, or raise `limits.message_bytes` of the server',
	3000: 'sign in before the page connects',
	3003: 'a guard of the server refuses this user',
	4400: 'check `params` of the client',
	4404: 'request a new URL for each connection: use `fromAction`',
	4422: 'send only messages that the schema allows',
};

/** Warn about an error of the server; `name` is that of the message or the request, if there is one. */
export function warnRefused(endpoint: string, error: ErrorData, name: string | undefined = error.type): void {
	const { code, message, pointer = '', keyword, reference } = error;
	const remedy = REMEDIES[code];
	if (!remedy) return;
	const place = pointer && ` at ${pointer}`;
	const kind = [code, keyword].filter(Boolean).join(', ');
	const isFailure = code === 'internal' || code === 'unavailable';
	const event = isFailure ? (name ? `could not handle ${name}` : 'failed') : `refused ${name ?? 'a frame of the page'}`;
	console.warn(
		`${endpoint}: the server ${event}: ${message}${place} [${kind}]; ${remedy}${reference ? `, with the reference ${reference}` : ''}`,
	);
}

/** Warn about a frame of the server that the page has refused. */
export const warnInvalid = (endpoint: string, { code, message }: Refused): void =>
	console.warn(`${endpoint}: the page refused a frame of the server: ${message} [${code}]; ${OUTDATED}`);

/** Warn about a connection that is refused for good. */
export function warnClosed(endpoint: string, { code, kind, message }: SocketError): void {
	if (!/refused|invalid|blocked|bad-answer/.test(kind)) return;
	const remedy = CONNECTION_REMEDIES[code];
	console.warn(`${endpoint}: no connection: ${message} [${code}]${remedy ? `; ${remedy}` : ''}`);
}
