/** One logical connection that outlives network failures, and its typed messages; knows nothing of Svelte. */
import { address } from './url.js';
import { Refused, SocketError } from './errors.js';
import { watchPage } from './page-lifecycle.js';
import type { Data, Endpoint, Frame, Hello, Message, Protocol } from './protocol.js';
import { isFinal, wait, type Backoff } from './reconnect.js';
import { ticket, type TicketInit } from './ticket.js';
import { verdict } from './validate.js';

/** `idle`: not wanted; `waiting`: for the next attempt; `closed`: gave up, see `error`. */
export type Status = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';

/** What is known about a connection; replaced as a whole when it changes. */
export interface State {
	readonly status: Status;
	/** Why the last connection ended, or could not be made; undefined while open. */
	readonly error?: SocketError | undefined;
	/** Attempts that failed since the last good connection. */
	readonly attempt: number;
	/** When the next attempt is due while `waiting`, in milliseconds since 1970. */
	readonly retryAt?: number | undefined;
	/** The server speaks another version of this protocol than this page: a reload may help. */
	readonly outdated?: boolean | undefined;
	/** What the server refused last, requests excepted. */
	readonly lastRefusal?: Refused;
	/** After a reconnect: whether all that was missed has been sent again. Undefined where nothing is kept. */
	readonly recovered?: boolean;
}

export interface SocketOptions {
	/** Connect exactly there; relative to the page. */
	readonly url?: string | URL;
	/** Where the server is, such as `https://example.org/`; default: where the page came from. */
	readonly base?: string | URL;
	/** POST there before every attempt; the answer tells where to connect. */
	readonly action?: string | URL;
	/** Options of that POST, such as headers or a body. */
	readonly init?: TicketInit;
	/** Subprotocols to offer instead of ours. */
	readonly protocols?: string[];
	readonly backoff?: Backoff;
	/** Milliseconds until an attempt has failed. Default 10000. */
	readonly connectTimeout?: number;
	/** Messages kept while there is no connection. Default 256. */
	readonly outbox?: number;
}

/** What `on` can listen to: the server's messages, and what happens to the connection. */
export type Events<P extends Protocol> = P['server'] & {
	/** Any message. */
	readonly $message: Message<P>;
	/** The state changed. */
	readonly $state: State;
	/** The server refused something that was sent and is no request. */
	readonly $error: Refused;
	/** A frame of the server was refused here. */
	readonly $invalid: Refused;
	/** The server said who it is; nothing was sent yet. */
	readonly $hello: Hello;
	/** The server said whether all that was missed follows. */
	readonly $resumed: { readonly recovered: boolean };
	/** A request of the server. */
	readonly $ask: Frame;
};

interface Call {
	readonly frame: Frame;
	next(data: any): void;
	end(error?: Error): void;
}

const SUBPROTOCOL = 'tornado-ws.1';
/** A connection that lived so long (ms) was a good one: the next wait is the shortest again. */
const GOOD = 5000;
/** Values with more levels than this are refused. */
const DEPTH = 200;
/** Unread messages beyond which an iterator is too slow. */
const BOUND = 1024;

export class Socket<P extends Protocol> implements AsyncIterable<Message<P>> {
	readonly endpoint: Endpoint<P>;
	readonly #options: SocketOptions;
	readonly #params: object | undefined;
	readonly #listeners: { [name: string]: Set<(data: any) => void> } = {};
	readonly #calls = new Map<number, Call>();
	readonly #warned: { [code: string]: boolean } = {};
	#state: State = { status: 'idle', attempt: 0 };
	#outbox: Frame[] = [];
	/** There from `open()` until the end. */
	#wanted: AbortController | undefined;
	/** There as long as one attempt and its connection. */
	#life: AbortController | undefined;
	#ws: WebSocket | undefined;
	#timer: ReturnType<typeof setTimeout> | undefined;
	/** How long the server may be silent, in milliseconds; 0: for ever. */
	#silence = 0;
	#since = 0;
	#ids = 0;

	constructor(endpoint: Endpoint<P>, options: SocketOptions = {}, params?: P['params']) {
		this.endpoint = endpoint;
		this.#options = options;
		this.#params = params;
	}

	get state(): State {
		return this.#state;
	}

	/** Connect, and stay connected until `close()`. Does nothing when that is already so. */
	open(): void {
		if (!this.#wanted) this.reconnect();
	}

	/** Drop the connection, if any, and connect anew at once. */
	reconnect(): void {
		if (this.#wanted) this.#leave(new SocketError('reconnecting', 1001));
		else {
			this.#wanted = new AbortController();
			watchPage((shown) => (shown ? this.#wake() : this.#leave(new SocketError('hidden', 1001))), this.#wanted.signal);
		}
		void this.#connect();
	}

	/** Leave: requests reject, iterators end, what is not sent yet is dropped. */
	close(): void {
		this.#leave(new SocketError('closed', 1000), 'idle');
	}

	/**
	 * Send a message; without a connection it is kept for the next one, unless it is volatile.
	 *
	 * @returns whether it was written now.
	 * @throws InvalidMessage if the schema refuses it.
	 * @throws SocketError if the connection is closed for good, or too much is kept already.
	 */
	send<K extends keyof P['client'] & string>(name: K, ...[data]: Data<P['client'][K]>): boolean {
		this.#send(name, data);
		return this.#state.status === 'open';
	}

	/** Call `listener` for each `name`. @returns how to stop. */
	on<K extends keyof Events<P> & string>(name: K, listener: (data: Events<P>[K]) => void): () => void {
		(this.#listeners[name] ??= new Set()).add(listener);
		return () => this.#listeners[name]!.delete(listener);
	}

	/** Connect; every message from now on. Ends at `close()`, throws when the connection is given up or the reader too slow. */
	async *[Symbol.asyncIterator](): AsyncGenerator<Message<P>, void, void> {
		const unread: Message<P>[] = [];
		let wake = (_?: unknown): void => undefined;
		const stop = this.on<'$message'>('$message', (message) => wake(unread.push(message)));
		const stopWaking = this.on<'$state'>('$state', () => wake());
		this.open();
		try {
			while (unread.length || this.#wanted) {
				if (unread.length > BOUND) throw new RangeError('too slow');
				if (unread.length) yield unread.shift()!;
				else await new Promise((resolve) => (wake = resolve));
			}
			if (this.#state.status === 'closed') throw this.#state.error;
		} finally {
			stop();
			stopWaking();
		}
	}

	/** Send a request, for {@link requests} and {@link streams}. @returns how to say that no answer is wanted any more. */
	ask(name: string, data: unknown, next: (data: any) => void, end: (error?: Error) => void): () => void {
		const id = ++this.#ids;
		const frame = this.#send(name, data, id);
		this.#calls.set(id, { frame, next, end });
		return () => {
			if (!this.#calls.delete(id)) return;
			const unsent = this.#outbox.indexOf(frame);
			if (unsent < 0) this.put({ type: '$cancel', re: id });
			else this.#outbox.splice(unsent, 1);
		};
	}

	/** Send a frame of the protocol over the connection that there is. */
	put(frame: Frame): void {
		this.#ws!.send(JSON.stringify(frame));
	}

	#send(type: string, data: unknown, id?: number): Frame {
		const { data: check, volatile } = this.endpoint.client[type]!;
		const frame = JSON.parse(JSON.stringify({ type, id, data })); // what the server will read
		const { status, error } = this.#state;
		const refused = verdict(type, check, frame.data);
		if (refused) throw refused;
		if (status === 'open') this.put(frame);
		else if (status === 'closed') throw error;
		else if (this.#outbox.length >= (this.#options.outbox ?? 256)) throw new SocketError('outbox full', 1013);
		else if (!volatile) this.#outbox.push(frame);
		return frame;
	}

	#tell(name: string, detail: unknown): void {
		for (const listener of this.#listeners[name] ?? []) {
			try {
				listener(detail);
			} catch (error) {
				reportError(error); // the others still hear it
			}
		}
	}

	#set(change: Partial<State>): void {
		this.#state = { ...this.#state, ...change };
		this.#tell('$state', this.#state);
	}

	async #connect(): Promise<void> {
		const { url, base, action, init, protocols, connectTimeout = 10_000 } = this.#options;
		const { signal } = (this.#life = new AbortController());
		this.#silence = 0;
		this.#since = Infinity;
		this.#set({ status: 'connecting', retryAt: undefined });
		this.#expect(connectTimeout);
		try {
			const target = action ? await ticket(action, init, signal) : { url: url ?? address(this.endpoint, this.#params, base) };
			if (signal.aborted) return;
			const ws = (this.#ws = new WebSocket(target.url, target.protocols ?? protocols ?? SUBPROTOCOL));
			signal.onabort = () => ws.close(1000); // nobody waits for it: a dead link never finishes the closing handshake
			ws.onopen = () => ws.protocol === SUBPROTOCOL || this.#opened();
			ws.onmessage = ({ data }) => this.#receive(data);
			ws.onclose = ({ code, reason }) =>
				signal.aborted ||
				this.#leave(new SocketError(reason || `closed with ${code}`, code, +(/after (\d+)/.exec(reason)?.[1] ?? 0) * 1000));
		} catch (error: any) {
			signal.aborted || this.#leave(new SocketError(error.message, error.code, error.retryAfterMs));
		}
	}

	#opened(outdated?: boolean): void {
		this.#since = Date.now();
		for (const frame of this.#outbox.splice(0)) this.put(frame);
		this.#set({ status: 'open', error: undefined, outdated });
		this.#expect(this.#silence);
	}

	/** Something must arrive within so many milliseconds, or the link is dead. */
	#expect(within: number): void {
		clearTimeout(this.#timer);
		if (within) this.#timer = setTimeout(() => this.#leave(new SocketError('no answer')), within);
	}

	/** The network may be back, or gone. */
	#wake(): void {
		const { status, error } = this.#state;
		if (status === 'waiting' && !error?.retryAfterMs) void this.#connect();
		else if (status === 'open' && this.#silence) {
			this.put({ type: '$ping' });
			this.#expect(GOOD);
		}
	}

	/** What was sent is not answered any more; come back, unless `status` says otherwise. */
	#leave(error: SocketError, status: Status = isFinal(error.code) ? 'closed' : 'waiting'): void {
		const again = status === 'waiting';
		const attempt = Date.now() - this.#since > GOOD ? 1 : this.#state.attempt + 1;
		const delay = error.retryAfterMs + wait(attempt, this.#options.backoff);
		this.#life?.abort();
		clearTimeout(this.#timer);
		if (again) this.#timer = setTimeout(() => void this.#connect(), delay);
		else {
			this.#wanted?.abort();
			this.#wanted = undefined;
			this.#outbox = [];
		}
		this.#set({ status, error, attempt: again ? attempt : 0, retryAt: again ? Date.now() + delay : undefined });
		for (const [id, { frame, end }] of this.#calls) if (!this.#outbox.includes(frame) && this.#calls.delete(id)) end(error);
	}

	#receive(text: string): void {
		if (this.#silence) this.#expect(this.#silence);
		try {
			this.#take(JSON.parse(text));
		} catch (error) {
			const refused = error instanceof Refused ? error : new Refused({ code: 'malformed_json' });
			this.#warned[refused.code] ||= (console.warn(this.endpoint.name, refused), true);
			this.#tell('$invalid', refused);
		}
	}

	#take(frame: Frame): void {
		const { type, data, id, re } = frame;
		const { client, server, contract, name } = this.endpoint;
		const call = this.#calls.get(re!);
		if (isDeeper(frame, DEPTH)) throw new Refused({ code: 'too_deep' });
		if (call) {
			const { reply, stream } = client[call.frame.type]!;
			if (reply || type[0] === '$') this.#calls.delete(re!);
			if (type === '$end') return call.end();
			const error = type === '$error' ? new Refused(data) : verdict(type, reply ?? stream, data);
			if (error) call.end(error);
			else call.next(data);
		} else if (type === '$ping') this.put({ type: '$pong' });
		else if (type === '$resumed') {
			this.#set(data);
			this.#tell(type, data);
		} else if (type === '$error') {
			const lastRefusal = new Refused(data);
			this.#set({ lastRefusal });
			this.#tell(type, lastRefusal);
		} else if (type === '$hello') {
			const outdated = data.contract !== contract;
			if (outdated) console.warn(name, 'is outdated');
			this.#silence = data.heartbeat * 2000;
			this.#tell(type, data);
			this.#opened(outdated);
		} else if (type[0] !== '$' && re === undefined) {
			if (!Object.hasOwn(server, type)) throw new Refused({ code: 'unknown_message' });
			const refused = verdict(type, server[type]!.data, data);
			if (refused) throw refused;
			if (id !== undefined) return this.#tell('$ask', frame);
			this.#tell(type, data);
			this.#tell('$message', frame);
		}
	}
}

const isDeeper = (value: unknown, levels: number): boolean =>
	value instanceof Object && (!levels || Object.values(value).some((each) => isDeeper(each, levels - 1)));
