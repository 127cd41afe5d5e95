/** What can go wrong, and may be caught. */
import type { Issue } from './protocol.js';

/** A connection ended, or could not be made. */
export class SocketError extends Error {
	override readonly name = 'SocketError';
	/** A close code of RFC 6455, or the HTTP status of the ticket request. */
	declare readonly code: number;
	/** The server wants no attempt for so many milliseconds. */
	declare readonly retryAfterMs: number;

	constructor(message: string, code = 1006, retryAfterMs = 0) {
		super(message);
		Object.assign(this, { code, retryAfterMs });
	}
}

/** `data` of an `$error` frame. */
export interface Refusal extends Partial<Issue> {
	/** What went wrong: one of the protocol's codes, or one that the schema declares under `errors`. */
	readonly code: string;
	/** The same in words; default: the code. */
	readonly message?: string;
	/** Whether the same message may be sent again. */
	readonly retryable?: boolean;
	readonly retryAfterMs?: number;
}

/** A message was refused: by the server, or here ({@link InvalidMessage}). The connection stays open. */
export class Refused extends Error {
	override readonly name: string = 'Refused';
	declare readonly code: string;
	declare readonly pointer?: string;
	declare readonly keyword?: string;
	declare readonly expected?: unknown;
	declare readonly retryable?: boolean;
	declare readonly retryAfterMs?: number;

	constructor(refusal: Refusal) {
		super(refusal.code);
		Object.assign(this, refusal);
	}
}

/** A message does not fit its schema; found here, before it was sent or after it was received. */
export class InvalidMessage extends Refused {
	override readonly name = 'InvalidMessage';
}
