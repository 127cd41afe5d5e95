/** Errors for pages to catch. */
import { isDevelopment } from './development.js';
import type { Endpoint, Issue, Protocol } from './protocol.js';
import { isFinal } from './reconnect.js';

/**
 * Reason for a missing connection, for texts in other languages:
 *
 * - `closed`: this page closed the connection, or the server did so normally (1000).
 * - `refused`: by the server, for good; `code` is a final close code or HTTP status.
 * - `unavailable`: the server ended the connection or refused it for now; `code` is a close code or HTTP status.
 * - `network`: no connection, or a lost one.
 * - `misconfigured`: three attempts failed for a reason that waiting does not change; see `reason`.
 * - `timeout`: the server did not answer in time.
 * - `bad-answer`: the action did not answer with a URL; `code` is its HTTP status.
 * - `blocked`: the browser forbids the connection, such as a Content-Security-Policy.
 * - `invalid`: the parameters or the URL are invalid.
 * - `full`: too many messages are queued.
 * - `no-browser`: the page is rendered on a server.
 */
export type SocketErrorKind =
	| 'closed'
	| 'refused'
	| 'unavailable'
	| 'network'
	| 'misconfigured'
	| 'timeout'
	| 'bad-answer'
	| 'blocked'
	| 'invalid'
	| 'full'
	| 'no-browser';

/** Reason of a failed handshake, as the server or whatever answers in its place reports it. */
export interface Reason {
	/**
	 * Stable name. Of the server: `origin`, `upgrade`, `draining`, `handshakes`, `connections`, `per_address`, `per_user`, `internal`. Of an
	 * answer that is not the server's: `not_found`, `redirected`, `other_page`, `unreachable`, `refused`. After a timeout: `held`, `no_answer`.
	 */
	readonly code: string;
	/** Sentence for developers. */
	readonly message: string;
	/** True if waiting may help. */
	readonly retryable: boolean;
}

/** Error for a connection that ended or could not be opened. */
export class SocketError extends Error {
	override readonly name = 'SocketError';
	/** Close code of RFC 6455 section 7.4, HTTP status of the ticket request, or code of a DOMException for an invalid URL. */
	declare readonly code: number;
	declare readonly kind: SocketErrorKind;
	/** Milliseconds that the server requires before the next attempt; the longest delay of the backoff if it is misconfigured. */
	declare readonly retryAfterMs: number;
	/** Reason of a failed handshake, if it is known. */
	declare readonly reason?: Reason | undefined;

	constructor(message: string, code = 1006, kind: SocketErrorKind = kindOf(code), retryAfterMs = 0, reason?: Reason) {
		super(message);
		// Of a malformed answer: negative, not a number, or so long that timers cannot take it.
		Object.assign(this, { code, kind, retryAfterMs: retryAfterMs > 0 && retryAfterMs < 2 ** 30 ? retryAfterMs : 0, reason });
	}
}

/** Codes below 100 are those of a DOMException; 18 is a SecurityError. */
const kindOf = (code: number): SocketErrorKind =>
	code === 18
		? 'blocked'
		: code === 1000
			? 'closed'
			: code === 1006
				? 'network'
				: code < 100
					? 'invalid'
					: code < 400
						? 'bad-answer'
						: isFinal(code)
							? 'refused'
							: 'unavailable';

/** `data` of an `$error` frame. */
export interface ErrorData extends Partial<Issue> {
	/** Error code: one of the protocol's, or one that the schema declares under `errors`. */
	readonly code: string;
	/** Description of the error; default: the code. */
	readonly message?: string;
	/** Name of the message, in errors that answer no request. */
	readonly type?: string;
	/** True if the same message may be sent again. */
	readonly retryable?: boolean;
	/** Milliseconds to wait before the message is sent again. */
	readonly retryAfterMs?: number;
	/** Random name of an `internal` error, which is also in the log of the server: for a report to its operator. */
	readonly reference?: string;
	/** Data of an error that the schema declares with `data`. */
	readonly data?: unknown;
}

/** Error for a message rejected by the server, or by the client ({@link InvalidMessage}). The connection stays open. */
export class Refused extends Error {
	override readonly name: string = 'Refused';
	declare readonly code: string;
	declare readonly type?: string;
	declare readonly pointer?: string;
	declare readonly keyword?: string;
	declare readonly expected?: unknown;
	declare readonly retryable?: boolean;
	declare readonly retryAfterMs?: number;
	declare readonly reference?: string;
	declare readonly data?: unknown;
	declare readonly propertyName?: string;

	constructor(data: ErrorData) {
		super((isDevelopment ? data.message : undefined) ?? data.code); // also the text of `stack`
		Object.assign(this, data);
	}
}

/** Error for a message that does not match its schema, found by the client before sending or after receiving it. */
export class InvalidMessage extends Refused {
	override readonly name = 'InvalidMessage';
}

/** Error codes of the protocol, which any message may be refused with. */
export type ProtocolErrorCode =
	| 'cancelled'
	| 'internal'
	| 'invalid_message'
	| 'malformed_json'
	| 'rate_limited'
	| 'timeout'
	| 'too_big'
	| 'too_deep'
	| 'unavailable'
	| 'unknown_message'
	| 'unsupported_frame';

/** Errors of the application for the message `K`: code to data. */
type ErrorsOf<P extends Protocol, K extends string> = (P extends { readonly errors: infer E } ? E : object) &
	(P extends { readonly messageErrors: { readonly [Name in K]: infer E } } ? E : object);

/** Refusal of the message `K`: its `code` determines the type of its `data`. */
export type RefusedOf<P extends Protocol, K extends string> =
	| { [C in keyof ErrorsOf<P, K> & string]: Refused & { readonly code: C; readonly data: ErrorsOf<P, K>[C] } }[keyof ErrorsOf<P, K> & string]
	| (Refused & { readonly code: ProtocolErrorCode; readonly data?: undefined });

/**
 * Return true if `error` is a refusal of the message `name` of a client, for `catch (error)`: `isRefusal(chat, 'order', error)`.
 * The client and the name only determine the type.
 */
export const isRefusal = <P extends Protocol, K extends string>(
	_client: { readonly endpoint: Endpoint<P> },
	_name: K & (keyof P['client'] | keyof P['acknowledged'] | keyof P['requests'] | keyof P['streams']),
	error: unknown,
): error is RefusedOf<P, K> => error instanceof Refused;
