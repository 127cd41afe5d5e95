/** Stream requests to the server: messages answered by any number of items. */
import { asyncQueue } from './async-queue.js';
import type { Protocol, RequestArguments, ResponseData } from './protocol.js';
import type { Socket } from './socket.js';

export interface StreamOptions {
	/** Ends the iteration with an error and cancels the stream on the server. */
	readonly signal?: AbortSignal;
}

/**
 * Send a request and iterate over its items; leaving the loop cancels the stream on the server.
 *
 * @throws InvalidMessage if the data or an item does not match its schema.
 * @throws Refused if the server replies with an error.
 * @throws SocketError if the connection is lost before the end.
 */
export type Stream<P extends Protocol> = <K extends keyof P['streams'] & string>(
	name: K,
	...rest: RequestArguments<P['streams'][K], StreamOptions>
) => AsyncGenerator<ResponseData<P['streams'][K]>, void, void>;

export const streams =
	<P extends Protocol>(socket: Socket<P>): Stream<P> =>
	(name, ...[data, { signal } = {}]) =>
		asyncQueue((push, end) => {
			signal?.throwIfAborted();
			const cancel = socket.sendRequest(name, data, push, end);
			const abort = (): void => end(signal?.reason);
			signal?.addEventListener('abort', abort);
			socket.stopWithOwner(end);
			return () => {
				signal?.removeEventListener('abort', abort);
				cancel();
			};
		});
