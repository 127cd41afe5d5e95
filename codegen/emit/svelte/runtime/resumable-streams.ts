/** Streams that go on after a lost connection, where the schema has `resume`. */
import { SocketError } from './errors.js';
import type { Live } from './live.svelte.js';
import type { Protocol } from './protocol.js';
import { streams, type Stream } from './streams.js';

export type { Stream } from './streams.js';

/**
 * As {@link streams}. When the connection of a stream with `resume` is lost, its request is sent again on the next one, after all
 * received items are read, with the position of the last of them. The iteration waits meanwhile; `close()` and final errors end it.
 */
export function resumableStreams<P extends Protocol>(socket: Live<P>): Stream<P> {
	/** Position for the frame that is encoded next. */
	let resume: unknown;
	const encode = socket.encode.bind(socket);
	socket.encode = (type, data, members) => {
		const all = resume === undefined ? members : { ...members, resume };
		resume = undefined;
		return encode(type, data, all);
	};
	const stream: (name: any, ...rest: any) => AsyncGenerator<any, void, void> = streams(socket);

	return async function* (name, ...[data, { signal } = {}]) {
		const { client } = socket.endpoint;
		const pointer = Object.hasOwn(client, name) ? client[name]!.resume : undefined;
		if (pointer === undefined) return yield* stream(name, data, { signal });
		signal?.throwIfAborted();
		const copy = data === undefined ? data : socket.json.parse(socket.json.stringify(data)); // the caller may change it meanwhile
		const path = pointer.split('/').slice(1).map(unescaped);
		const stop = new AbortController();
		let cursor: unknown;
		const abort = (): void => stop.abort(signal?.reason);
		signal?.addEventListener('abort', abort);
		socket.stopWithOwner(() => stop.abort(DESTROYED));
		try {
			for (;;) {
				try {
					stop.signal.throwIfAborted();
					resume = cursor; // the loop begins with the request
					for await (const item of stream(name, copy, { signal: stop.signal })) {
						cursor = path.reduce((value, token) => value[token], item);
						yield item;
					}
					return;
				} catch (error) {
					if (error === DESTROYED) return;
					if (!isLost(error) || /idle|closed/.test(socket.state.status)) throw error;
				}
			}
		} finally {
			signal?.removeEventListener('abort', abort);
		}
	};
}

/** Reason for the end of a stream with its component. */
const DESTROYED = Symbol();

/** Return true for the end of a connection after which the client connects again. */
const isLost = (error: unknown): boolean => error instanceof SocketError && error.code !== 1000 && error.kind !== 'full';

const unescaped = (token: string): string => token.replace(/~1/g, '/').replace(/~0/g, '~');
