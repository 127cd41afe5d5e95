/** Requests to the server: messages with one reply. */
import type { Protocol, RequestArguments, ResponseData } from './protocol.js';
import type { Socket } from './socket.js';

export interface RequestOptions {
	/** Milliseconds until the promise rejects with a `TimeoutError`. Default 10000. */
	readonly timeout?: number;
	/** Rejects the promise and cancels the request on the server. */
	readonly signal?: AbortSignal;
}

/**
 * Send a request and wait for its reply. Without a connection, it is sent on the next one.
 *
 * @throws InvalidMessage if the data does not match its schema; nothing is sent then.
 * @throws Refused if the server replies with an error.
 * @throws SocketError if the connection is lost before the reply.
 */
export type Request<P extends Protocol> = <K extends keyof P['requests'] & string>(
	name: K,
	...rest: RequestArguments<P['requests'][K], RequestOptions>
) => Promise<ResponseData<P['requests'][K]>>;

export const requests =
	<P extends Protocol>(socket: Socket<P>): Request<P> =>
	(name, ...[data, { timeout = 10_000, signal } = {}]) =>
		new Promise((resolve, reject) => {
			const aborted = AbortSignal.any([AbortSignal.timeout(timeout), ...(signal ? [signal] : [])]);
			aborted.throwIfAborted();
			const cancel = socket.sendRequest(name, data, resolve, reject);
			aborted.onabort = () => {
				cancel();
				reject(aborted.reason);
			};
		});
