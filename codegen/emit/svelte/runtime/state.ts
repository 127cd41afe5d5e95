/** State of a socket. */
import type { Refused, SocketError } from './errors.js';

/** `idle`: not opened; `waiting`: until the next attempt; `closed`: after a final error, see `error`. */
export type Status = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';

/** Immutable state of a socket; each change replaces it. */
export interface State {
	readonly status: Status;
	/** Error that ended the last connection or prevented it; undefined while open. */
	readonly error?: SocketError | undefined;
	/** Number of failed attempts since the last stable connection. */
	readonly attempt: number;
	/** Time of the next attempt while `waiting`, in milliseconds since 1970. */
	readonly retryAt?: number | undefined;
	/** True if the server uses a different version of the protocol than this page, so that a reload may help. */
	readonly outdated?: boolean | undefined;
	/** Last error that the server sent, except for requests. */
	readonly lastRefusal?: Refused;
	/**
	 * After a reconnect: true if every missed message was sent again, false if some are lost. Undefined until it is known, and for
	 * endpoints without kept messages.
	 */
	readonly recovered?: boolean | undefined;
	/** Number of messages sent on the current or last connection that the server has not confirmed, without volatile ones. */
	readonly unconfirmed: number;
}
