/** Stream requests to the server: messages answered by any number of items. */
import { asyncQueue } from './async-queue.js';
import type { Live } from './live.svelte.js';
import { requireName } from './names.js';
import type { Protocol, RequestArguments, ResponseData } from './protocol.js';

export interface StreamOptions {
	/** Ends the iteration with an error and cancels the stream on the server. */
	readonly signal?: AbortSignal;
}

/**
 * Send a request and iterate over its items; leaving the loop cancels the stream on the server.
 *
 * @throws InvalidMessage if the data or an item does not match its schema.
 * @throws Refused if the server replies with an error.
 * @throws SocketError if the connection is lost before the end, unless the schema has `resume`.
 */
export type Stream<P extends Protocol> = <K extends keyof P['streams'] & string>(
	name: K,
	...rest: RequestArguments<P['streams'][K], StreamOptions>
) => AsyncGenerator<ResponseData<P['streams'][K]>, void, void>;

/** Number of items after which the page grants the server as many; a stream starts with twice this credit. */
const STEP = 32;

export const streams = <P extends Protocol>(socket: Live<P>): Stream<P> =>
	async function* (name, ...[data, { signal } = {}]) {
		requireName(socket.endpoint, 'stream', name);
		let open = 0; // `id` of the request, until it ends
		let read = 0;
		const items = asyncQueue<any>((push, end) => {
			signal?.throwIfAborted();
			const cancel = socket.sendRequest(
				name,
				data,
				(item, id) => {
					open = id;
					push(item);
				},
				(error) => {
					open = 0;
					end(error);
				},
			);
			const abort = (): void => end(signal?.reason);
			signal?.addEventListener('abort', abort);
			const stop = (): void => {
				open = 0;
				signal?.removeEventListener('abort', abort);
				cancel();
			};
			socket.stopWithOwner(() => {
				stop();
				end();
			});
			return stop;
		}, Infinity);
		for await (const item of items) {
			yield item;
			if (++read % STEP === 0 && open) socket.sendFrame({ type: '$more', id: open, data: { count: STEP } });
		}
	};
