/** Streams for templates: requests to the server whose items are reactive. */
import { InvalidMessage, Refused, SocketError, type RefusedOf } from './errors.js';
import type { Live } from './live.svelte.js';
import { requireName } from './names.js';
import type { Protocol, RequestArguments, ResponseData } from './protocol.js';
import type { Stream } from './streams.js';

export interface StreamStateOptions {
	/** Number of newest items that `items` keeps; 0 for none. Default: all. */
	readonly history?: number;
}

/**
 * `waiting`: for the first item, or for a connection; `streaming`; `done`: the server has sent all items; `error`: it has not, see
 * `error`; `stopped`: by `stop()`, or with the component or effect in which the stream began.
 */
export type StreamStatus = 'waiting' | 'streaming' | 'done' | 'error' | 'stopped';

/**
 * Send a request, and return its items as reactive state. The stream ends with the component or effect in which it begins. It does
 * nothing on a server.
 *
 * @throws InvalidMessage if the endpoint has no stream of this name.
 */
export type MakeStreamState<P extends Protocol> = <K extends keyof P['streams'] & string>(
	name: K,
	...rest: RequestArguments<P['streams'][K], StreamStateOptions>
) => StreamState<ResponseData<P['streams'][K]>, RefusedOf<P, K>>;

/** Reactive state of a stream with items of the type `T`, which may be refused with errors of the type `E`. */
export class StreamState<T, E extends Refused = Refused> {
	readonly #socket: Live<any>;
	readonly #history: number;
	readonly #stop = new AbortController();
	#status = $state.raw<StreamStatus>('waiting');
	#error = $state.raw<E | SocketError>();
	#last = $state.raw<T>();
	/** Newest items, and some that `items` does not contain any more. */
	#received: T[] = [];
	/** Replaced with each item; `selected` is computed for the first reader. */
	#items = $state.raw<{ selected?: readonly T[] }>({});

	/** @param read Begins the iteration over the items, until the signal is aborted. */
	constructor(socket: Live<any>, read: (signal: AbortSignal) => AsyncIterable<T>, { history = Infinity }: StreamStateOptions = {}) {
		this.#socket = socket;
		this.#history = history;
		if (typeof document !== 'object') return;
		socket.stopWithOwner(this.stop);
		void this.#read(read(this.#stop.signal));
	}

	/** Items, oldest first. */
	get items(): readonly T[] {
		return (this.#items.selected ??= this.#select());
	}
	/** Newest item. */
	get last(): T | undefined {
		return this.#last;
	}
	get status(): StreamStatus {
		return this.#status === 'streaming' && !this.#socket.connected ? 'waiting' : this.#status;
	}
	/** Error that ended the stream: of the server, of the data or an item, or of the connection. */
	get error(): E | SocketError | undefined {
		return this.#error;
	}

	/** Cancel the stream on the server; the items stay. Can be passed on as a function. */
	readonly stop = (): void => {
		this.#end('stopped');
		this.#stop.abort();
	};

	async #read(items: AsyncIterable<T>): Promise<void> {
		try {
			for await (const item of items) {
				if (this.#isOver) return;
				this.#status = 'streaming';
				this.#last = item;
				// The array grows to twice its length, so that an item costs constant time on average.
				if (this.#received.push(item) > this.#history * 2 + 16) this.#received = this.#select();
				this.#items = {};
			}
			this.#end('done');
		} catch (error) {
			if (this.#isOver) return;
			this.#error = error as E | SocketError;
			this.#end('error');
			// Faults of the program, which a template may not show.
			if (error instanceof InvalidMessage || !(error instanceof Refused || error instanceof SocketError)) reportError(error);
		}
	}

	get #isOver(): boolean {
		return /done|error|stopped/.test(this.#status);
	}

	#end(status: StreamStatus): void {
		if (!this.#isOver) this.#status = status;
	}

	#select(): T[] {
		return this.#received.slice(-this.#history || Infinity);
	}
}

/** @param stream Method of the client that sends the request. */
export const streamStates =
	<P extends Protocol>(socket: Live<P>, stream: Stream<P>): MakeStreamState<P> =>
	(name, ...[data, options]) => {
		requireName(socket.endpoint, 'stream', name);
		return new StreamState(socket, (signal) => (stream as any)(name, data, { signal }), options);
	};
