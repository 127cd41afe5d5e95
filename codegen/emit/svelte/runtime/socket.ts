/** One logical connection that outlives network failures, and its typed messages; knows nothing of Svelte. */
import { address } from './address.js';
import { InvalidMessage, Refused, SocketError } from './errors.js';
import { inbox } from './inbox.js';
import { watchPage } from './page.js';
import type { Check, Data, Endpoint, Frame, Hello, Message, Protocol } from './protocol.js';
import { isFinal, retryAfter, wait, type Backoff } from './retry.js';
import { ticket } from './ticket.js';

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
	readonly init?: RequestInit;
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
	/** A request of the server. */
	readonly $ask: Frame;
};

interface Call {
	readonly frame: Frame;
	readonly check: Check | undefined;
	/** Any number of answers may come. */
	readonly many: boolean;
	next(data: any): void;
	end(error?: Error): void;
}

const SUBPROTOCOL = 'tornado-ws.1';
/** A connection that lived so long (ms) was a good one: the next wait is the shortest again. */
const GOOD = 5000;
/** Values with more levels than this are refused. */
const DEPTH = 200;

export class Socket<P extends Protocol> implements AsyncIterable<Message<P>> {
	readonly endpoint: Endpoint<P>;
	readonly #options: SocketOptions;
	readonly #params: object | undefined;
	readonly #events = new EventTarget(); // an exception in a listener is reported, and stops no other
	readonly #calls = new Map<number, Call>();
	readonly #warned = new Set<string>();
	#state: State = { status: 'idle', attempt: 0 };
	#outbox: Frame[] = [];
	#wanted: AbortController | undefined;
	#life: AbortController | undefined;
	#ws: WebSocket | undefined;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#silence = 0;
	#since = Infinity;
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
		if (!this.#wanted) {
			this.#wanted = new AbortController();
			watchPage(() => this.#wake(), () => this.#failed(new SocketError('hidden', 1001)), this.#wanted.signal);
		}
		this.#drop(new SocketError('reconnecting', 1000));
		void this.#connect();
	}

	/** Leave: requests reject, iterators end, what is not sent yet is dropped. */
	close(): void {
		this.#end('idle', new SocketError('closed', 1000));
	}

	/**
	 * Send a message; without a connection it is kept for the next one, unless it is volatile.
	 *
	 * @returns whether it was written now.
	 * @throws InvalidMessage if the schema refuses it.
	 * @throws SocketError if the connection is closed for good, or too much is kept already.
	 */
	send<K extends keyof P['client'] & string>(name: K, ...[data]: Data<P['client'][K]>): boolean {
		return this.#write(this.#frame(name, data), this.endpoint.client[name]!.volatile);
	}

	/** Call `listener` for each `name`, until `signal` or what is returned says stop. */
	on<K extends keyof Events<P> & string>(name: K, listener: (data: Events<P>[K]) => void, signal?: AbortSignal): () => void {
		const handle = (event: Event): void => listener((event as CustomEvent).detail);
		this.#events.addEventListener(name, handle, signal && { signal });
		return () => this.#events.removeEventListener(name, handle);
	}

	/** Every message from now on. Ends at `close()`; throws when the connection is given up, or the reader is too slow. */
	[Symbol.asyncIterator](): AsyncGenerator<Message<P>, void, void> {
		return inbox((push, end, signal) => {
			this.on<'$message'>('$message', push, signal);
			this.on<'$state'>('$state', ({ status, error }) => /idle|closed/.test(status) && end(error), signal);
		});
	}

	/** Send a request, for {@link requests} and {@link streams}. @returns how to say that no answer is wanted any more. */
	ask(name: string, data: unknown, next: (data: any) => void, end: (error?: Error) => void): () => void {
		const { reply, stream } = this.endpoint.client[name]!;
		const frame = { ...this.#frame(name, data), id: ++this.#ids };
		this.#write(frame);
		this.#calls.set(frame.id, { frame, check: reply ?? stream, many: !reply, next, end });
		return () => {
			if (!this.#calls.delete(frame.id)) return;
			const unsent = this.#outbox.indexOf(frame);
			if (unsent < 0) this.put({ type: '$cancel', re: frame.id });
			else this.#outbox.splice(unsent, 1);
		};
	}

	/** Send a frame of the protocol over the connection that there is. */
	put(frame: Frame): void {
		this.#ws!.send(JSON.stringify(frame));
	}

	#write(frame: Frame, volatile?: boolean): boolean {
		const { status, error } = this.#state;
		if (status === 'open') this.put(frame);
		else if (status === 'closed') throw error;
		else if (this.#outbox.length >= (this.#options.outbox ?? 256)) throw new SocketError('too many unsent messages', 1013);
		else if (!volatile) this.#outbox.push(frame);
		return status === 'open';
	}

	/** The frame of a message, as the server will read it. */
	#frame(type: string, data: unknown): Frame {
		const frame = JSON.parse(JSON.stringify({ type, data }));
		const error = invalid(this.endpoint.client[type]!.data, frame);
		if (error) throw error;
		return frame;
	}

	#tell(name: string, detail: unknown): void {
		this.#events.dispatchEvent(new CustomEvent(name, { detail }));
	}

	#set(change: Partial<State>): void {
		this.#state = { ...this.#state, ...change };
		this.#tell('$state', this.#state);
	}

	async #connect(): Promise<void> {
		const { url, base, action, init, protocols, connectTimeout = 10_000 } = this.#options;
		const { signal } = (this.#life = new AbortController());
		this.#since = Infinity;
		this.#silence = 0;
		this.#set({ status: 'connecting', retryAt: undefined });
		this.#expect(connectTimeout);
		try {
			const target = action ? await ticket(action, init, signal) : { url: url ?? address(this.endpoint, this.#params, base) };
			if (signal.aborted) return;
			const ws = (this.#ws = new WebSocket(target.url, target.protocols ?? protocols ?? SUBPROTOCOL));
			signal.onabort = () => {
				ws.onopen = ws.onmessage = ws.onclose = null;
				ws.close(1000); // its closing handshake may never end: nobody waits for it
			};
			ws.onopen = () => ws.protocol === SUBPROTOCOL || this.#opened();
			ws.onmessage = ({ data }) => this.#receive(data);
			ws.onclose = ({ code, reason }) => this.#failed(new SocketError(reason || `closed with ${code}`, code, retryAfter(/after (.+)/.exec(reason)?.[1])));
		} catch (error: any) {
			if (!signal.aborted) this.#failed(error instanceof SocketError ? error : new SocketError(error.message, error.code));
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
		if (within) this.#timer = setTimeout(() => this.#failed(new SocketError('no answer')), within);
	}

	/** The network may be back, or gone. */
	#wake(): void {
		const { status, error } = this.#state;
		if (status === 'waiting' && !error?.retryAfter) void this.#connect();
		else if (status === 'open' && this.#silence) {
			this.put({ type: '$ping' });
			this.#expect(GOOD);
		}
	}

	#failed(error: SocketError): void {
		if (isFinal(error.code)) return this.#end('closed', error);
		const attempt = Date.now() - this.#since > GOOD ? 1 : this.#state.attempt + 1;
		const delay = error.retryAfter + wait(attempt, this.#options.backoff);
		this.#drop(error);
		this.#timer = setTimeout(() => void this.#connect(), delay);
		this.#set({ status: 'waiting', error, attempt, retryAt: Date.now() + delay });
	}

	#end(status: 'idle' | 'closed', error: SocketError): void {
		this.#wanted?.abort();
		this.#wanted = undefined;
		this.#outbox = [];
		this.#drop(error);
		this.#set({ status, attempt: 0, retryAt: undefined, error: status === 'closed' ? error : undefined });
	}

	#drop(error: SocketError): void {
		clearTimeout(this.#timer);
		this.#life?.abort();
		for (const [id, { frame, end }] of this.#calls) if (!this.#outbox.includes(frame) && this.#calls.delete(id)) end(error);
	}

	#receive(text: string): void {
		this.#expect(this.#silence);
		try {
			this.#take(JSON.parse(text));
		} catch (error) {
			const refused = error instanceof Refused ? error : new Refused({ code: 'malformed_json' });
			const known = this.#warned.size;
			if (this.#warned.add(refused.code).size > known) console.warn(this.endpoint.name, refused);
			this.#tell('$invalid', refused);
		}
	}

	#take(frame: Frame): void {
		const { type, data, id, re } = frame;
		const { server, contract, name } = this.endpoint;
		const call = this.#calls.get(re!);
		if (isDeeper(frame, DEPTH)) throw new Refused({ code: 'too_deep' });
		if (call) {
			const error = type === '$error' ? new Refused(data) : type === '$end' ? undefined : invalid(call.check, frame);
			const over = error || type === '$end';
			if (over || !call.many) this.#calls.delete(re!);
			if (over) call.end(error);
			else call.next(data);
		} else if (type === '$ping') this.put({ type: '$pong' });
		else if (type === '$error') this.#tell(type, new Refused(data));
		else if (type === '$resumed') this.#set(data);
		else if (type === '$hello') {
			const outdated = data.contract !== contract;
			if (outdated) console.warn(name, 'is outdated: reload the page');
			this.#silence = data.heartbeat * 2000;
			this.#tell(type, data);
			this.#opened(outdated);
		} else if (type[0] !== '$' && re === undefined) {
			if (!Object.hasOwn(server, type)) throw new Refused({ code: 'unknown_message' });
			const error = invalid(server[type]!.data, frame);
			if (error) throw error;
			if (id !== undefined) return this.#tell('$ask', frame);
			this.#tell(type, data);
			this.#tell('$message', frame);
		}
	}
}

const isDeeper = (value: unknown, levels: number): boolean =>
	value instanceof Object && (!levels || Object.values(value).some((each) => isDeeper(each, levels - 1)));

/** Why a frame's data is not what a slot wants; a slot without a check wants none. */
function invalid(check: Check | undefined, { type, data }: Frame): InvalidMessage | undefined {
	const issue =
		(data === undefined) === !check ? check?.(data, '') : { pointer: '', keyword: check ? 'required' : 'false schema' };
	return issue && new InvalidMessage(type, issue);
}
