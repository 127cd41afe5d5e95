/** Requests: messages that have one reply. */
import type { Answer, Asking, Protocol } from './protocol.js';
import type { Socket } from './socket.js';

export interface RequestOptions {
	/** Milliseconds until the promise rejects with a `TimeoutError`. Default 10000. */
	readonly timeout?: number;
	/** Reject, and tell the server that the reply is not wanted any more. */
	readonly signal?: AbortSignal;
}

/**
 * Send a request and wait for its reply. Without a connection it is sent on the next one.
 *
 * @throws InvalidMessage if the schema refuses it; nothing is sent then.
 * @throws Refused if the server answers with an error.
 * @throws SocketError if the connection is lost before the reply.
 */
export type Request<P extends Protocol> = <K extends keyof P['requests'] & string>(
	name: K,
	...rest: Asking<P['requests'][K], RequestOptions>
) => Promise<Answer<P['requests'][K]>>;

export const requests =
	<P extends Protocol>(socket: Socket<P>): Request<P> =>
	(name, ...[data, { timeout = 10_000, signal } = {}]) =>
		new Promise((next, end) => {
			const over = AbortSignal.any([AbortSignal.timeout(timeout), ...(signal ? [signal] : [])]);
			over.throwIfAborted();
			const cancel = socket.ask(name, data, next, end);
			over.onabort = () => {
				cancel();
				end(over.reason);
			};
		});
