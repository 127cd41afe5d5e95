/** Errors for pages to catch. */
import type { Issue } from './protocol.js';

/** Error for a connection that ended or could not be opened. */
export class SocketError extends Error {
	override readonly name = 'SocketError';
	/** Close code of RFC 6455 section 7.4, or the HTTP status of the ticket request. */
	declare readonly code: number;
	/** Milliseconds that the server requires before the next attempt. */
	declare readonly retryAfterMs: number;

	constructor(message: string, code = 1006, retryAfterMs = 0) {
		super(message);
		this.code = code;
		this.retryAfterMs = retryAfterMs;
	}
}

/** `data` of an `$error` frame. */
export interface ErrorData extends Partial<Issue> {
	/** Error code: one of the protocol's, or one that the schema declares under `errors`. */
	readonly code: string;
	/** Description of the error; default: the code. */
	readonly message?: string;
	/** Type of the message that was rejected, if the error answers a message without an id. */
	readonly type?: string;
	/** True if the same message may be sent again. */
	readonly retryable?: boolean;
	/** Milliseconds to wait before the message is sent again. */
	readonly retryAfterMs?: number;
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

	constructor(data: ErrorData) {
		super(data.code);
		Object.assign(this, data);
	}
}

/** Error for a message that does not match its schema, found by the client before sending or after receiving it. */
export class InvalidMessage extends Refused {
	override readonly name = 'InvalidMessage';
}
