/** What can go wrong, and may be caught. */
import type { Issue } from './protocol.js';

/** A connection ended, or could not be made. */
export class SocketError extends Error {
	override readonly name = 'SocketError';
	/** A close code of RFC 6455, or the HTTP status of the ticket request. */
	readonly code: number;
	/** The server wants no attempt for so many milliseconds. */
	readonly retryAfter: number;

	constructor(message: string, code: number, retryAfter = 0, options?: ErrorOptions) {
		super(message, options);
		this.code = code;
		this.retryAfter = retryAfter;
	}
}

/** `data` of an `$error` frame. */
export interface Refusal extends Partial<Issue> {
	/** What went wrong: one of the protocol's codes, or one that the schema declares under `errors`. */
	readonly code: string;
	/** The same in words. */
	readonly message: string;
	/** Whether the same message may be sent again. */
	readonly retryable?: boolean;
	readonly retryAfterMs?: number;
}

/** A message was refused: by the server, or here ({@link InvalidMessage}). The connection stays open. */
export class Refused extends Error implements Refusal {
	override readonly name: string = 'Refused';
	declare readonly code: string;
	declare readonly pointer?: string;
	declare readonly keyword?: string;
	declare readonly expected?: unknown;
	declare readonly retryable?: boolean;
	declare readonly retryAfterMs?: number;

	constructor({ message, ...rest }: Refusal) {
		super(message);
		Object.assign(this, rest);
	}
}

/** A message does not fit its schema; found here, before it was sent or after it was received. */
export class InvalidMessage extends Refused {
	override readonly name = 'InvalidMessage';

	constructor(type: string, issue: Issue) {
		super({ code: 'invalid_message', message: `${type}${issue.pointer}: ${words(issue)}`, ...issue });
	}
}

/** What was expected, for people: `expected at most 500 characters`. */
function words({ keyword, expected }: Issue): string {
	const [, bound, what] = /^(?:exclusive)?(min|max)(?:imum)?(.*)/i.exec(keyword) ?? [];
	const wanted = typeof expected === 'string' || typeof expected === 'number' ? String(expected) : JSON.stringify(expected);
	if (!bound) return wanted === undefined ? `refused by ${keyword}` : `expected ${keyword} ${wanted}`;
	const limit = keyword.startsWith('exclusive') ? { min: 'more than', max: 'less than' } : { min: 'at least', max: 'at most' };
	return `expected ${limit[bound.toLowerCase() as 'min' | 'max']} ${wanted} ${what === 'Length' ? 'characters' : (what ?? '').toLowerCase()}`.trimEnd();
}
