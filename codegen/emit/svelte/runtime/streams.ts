/** Streams: requests that any number of items answer. */
import { inbox } from './async-queue.js';
import type { Answer, Asking, Protocol } from './protocol.js';
import type { Socket } from './socket.js';

export interface StreamOptions {
	/** Throw, and tell the server that no more items are wanted. */
	readonly signal?: AbortSignal;
}

/**
 * Send a request and iterate over its items; leaving the loop tells the server to stop.
 *
 * @throws InvalidMessage if the schema refuses it, or an item.
 * @throws Refused if the server answers with an error.
 * @throws SocketError if the connection is lost before the end.
 */
export type Stream<P extends Protocol> = <K extends keyof P['streams'] & string>(
	name: K,
	...rest: Asking<P['streams'][K], StreamOptions>
) => AsyncGenerator<Answer<P['streams'][K]>, void, void>;

export const streams =
	<P extends Protocol>(socket: Socket<P>): Stream<P> =>
	(name, ...[data, { signal } = {}]) =>
		inbox((push, end) => {
			signal?.throwIfAborted();
			const cancel = socket.ask(name, data, push, end);
			const abort = (): void => end(signal?.reason);
			signal?.addEventListener('abort', abort);
			return () => {
				signal?.removeEventListener('abort', abort);
				cancel();
			};
		});
