/** One logical connection that outlives network failures; it carries frames and knows nothing of messages. */
import { wait, retryAfter, type Backoff } from './backoff.js';
import { isFinal } from './close-codes.js';
import { SocketError } from './errors.js';
import { watchPage } from './page.js';
import type { Frame } from './protocol.js';
import type { Ticket } from './ticket.js';

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
	/** The server's name for this connection. */
	readonly connection?: string;
	/** The server speaks another version of this protocol than this page: a reload may help. */
	readonly outdated?: boolean;
	/** After a reconnect: whether all that was missed has been sent again. Undefined where nothing is kept. */
	readonly recovered?: boolean;
}

export interface LinkOptions {
	readonly backoff?: Backoff;
	/** Milliseconds until an attempt has failed. Default 10000. */
	readonly connectTimeout?: number;
	/** Messages kept while there is no connection. Default 256. */
	readonly outbox?: number;
}

/** The first frame of a server that speaks {@link SUBPROTOCOL}. */
export interface Hello {
	readonly connection: string;
	readonly contract: string;
	/** Names the run of sequence numbers. */
	readonly epoch: string;
	/** Seconds between two signs of life. */
	readonly heartbeat: number;
}

export const SUBPROTOCOL = 'tornado-ws.1';

/** A connection that lived so long (ms) was a good one: the next wait is the shortest again. */
const GOOD = 5000;

export abstract class Link {
	readonly #options: LinkOptions;
	#state: State = { status: 'idle', attempt: 0 };
	#ws: WebSocket | undefined;
	#life: AbortController | undefined;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#pulse: ReturnType<typeof setTimeout> | undefined;
	#heartbeat = 0;
	#since = 0;
	#notBefore = 0;
	#outbox: Frame[] = [];
	#leavePage: (() => void) | undefined;

	constructor(options: LinkOptions) {
		this.#options = options;
	}

	/** Where to connect this time. */
	protected abstract target(signal: AbortSignal): Promise<Ticket>;
	/** Frames to send before all others. */
	protected abstract greet(hello: Hello): readonly Frame[];
	/** A text, or something else, came in. */
	protected abstract receive(data: unknown): void;
	/** What was sent and not answered never will be. */
	protected abstract lost(error: SocketError, unsent: readonly Frame[]): void;
	/** The state was replaced. */
	protected abstract changed(now: State, before: State): void;

	/** What is known about the connection. */
	get state(): State {
		return this.#state;
	}

	/** Connect, and stay connected until `close()`. Does nothing when that is already so. */
	open(): void {
		if (this.#leavePage) return;
		this.#leavePage = watchPage(this.#wake, this.#sleep);
		this.#set({ attempt: 0 });
		void this.#connect();
	}

	/** Drop the connection, if any, and connect anew at once. */
	reconnect(): void {
		if (!this.#leavePage) return this.open();
		this.#drop(1000, 'reconnect', new SocketError('reconnect', 1000));
		void this.#connect();
	}

	/** Leave: requests reject, iterators end, what is not sent yet is dropped. */
	close(code = 1000, reason = ''): void {
		this.#end('idle', new SocketError(reason || 'closed', code), code, reason);
	}

	/** Merge into the state. */
	protected note(change: Partial<State>): void {
		this.#set(change);
	}

	/**
	 * @param lasting keep it for the next connection if there is none.
	 * @returns whether it was written now.
	 */
	protected write(frame: Frame, lasting = true): boolean {
		if (this.#state.status === 'open') {
			this.#ws!.send(JSON.stringify(frame));
			return true;
		}
		if (lasting) {
			if (this.#state.status === 'closed') throw this.#state.error!;
			if (this.#outbox.length >= (this.#options.outbox ?? 256)) throw new SocketError('too many unsent messages', 1013);
			this.#outbox.push(frame);
		}
		return false;
	}

	/** Take back a frame that has not been sent. @returns whether it had not. */
	protected unsend(frame: Frame): boolean {
		const place = this.#outbox.indexOf(frame);
		if (place >= 0) this.#outbox.splice(place, 1);
		return place >= 0;
	}

	/** The server said who it is: from now on the connection counts as open. */
	protected welcome(hello: Hello): void {
		this.#heartbeat = hello.heartbeat * 1000;
		this.note({ connection: hello.connection });
		this.#opened(this.greet(hello));
	}

	/** Answer a sign of life. */
	protected pong(): void {
		this.#ws?.send('{"type":"$pong"}');
	}

	#set(change: Partial<State>): void {
		const before = this.#state;
		this.#state = { ...before, ...change };
		this.changed(this.#state, before);
	}

	async #connect(): Promise<void> {
		clearTimeout(this.#timer);
		const { signal } = (this.#life = new AbortController());
		this.#set({ status: 'connecting', retryAt: undefined });
		this.#timer = setTimeout(() => this.#failed(new SocketError('no connection in time', 1006)), this.#options.connectTimeout ?? 10_000);
		try {
			const { url, protocols } = await this.target(signal);
			if (!signal.aborted) this.#listen(new WebSocket(url, [...(protocols ?? [])]));
		} catch (error) {
			if (signal.aborted) return;
			// A DOMException is about the URL, which will not get better; anything else is the network's fault.
			const code = error instanceof DOMException ? 400 : 1006;
			this.#failed(error instanceof SocketError ? error : new SocketError(String(error), code, 0, { cause: error }));
		}
	}

	#listen(ws: WebSocket): void {
		this.#ws = ws;
		ws.onopen = () => {
			if (ws.protocol !== SUBPROTOCOL) this.#opened([]);
		};
		ws.onmessage = (event: MessageEvent<unknown>) => {
			this.#expect(this.#heartbeat * 2);
			this.receive(event.data);
		};
		ws.onclose = ({ code, reason }) =>
			this.#failed(new SocketError(reason || `closed with ${code}`, code, retryAfter(/retry after (\d+)/.exec(reason)?.[1])));
	}

	#opened(first: readonly Frame[]): void {
		clearTimeout(this.#timer);
		this.#since = Date.now();
		for (const frame of [...first, ...this.#outbox.splice(0)]) this.#ws!.send(JSON.stringify(frame));
		this.#expect(this.#heartbeat * 2);
		this.#set({ status: 'open', error: undefined });
	}

	/** Something must arrive within so many milliseconds, or the link is dead. */
	#expect(within: number): void {
		clearTimeout(this.#pulse);
		if (within) this.#pulse = setTimeout(() => this.#failed(new SocketError('no sign of life', 1006)), within);
	}

	readonly #wake = (sure: boolean): void => {
		if (this.#state.status === 'waiting') {
			if (Date.now() < this.#notBefore) return;
			if (sure) this.#set({ attempt: 0 });
			void this.#connect();
		} else if (this.#state.status === 'open' && this.#heartbeat) {
			this.#ws!.send('{"type":"$ping"}');
			this.#expect(5000);
		}
	};

	readonly #sleep = (): void => {
		const error = new SocketError('the page was hidden', 1001);
		this.#drop(1000, 'hidden', error);
		this.#set({ status: 'waiting', error });
	};

	#failed(error: SocketError): void {
		if (isFinal(error.code)) return this.#end('closed', error);
		const good = this.#state.status === 'open' && Date.now() - this.#since > GOOD;
		this.#drop(1000, '', error);
		const attempt = (good ? 0 : this.#state.attempt) + 1;
		const retryAt = Date.now() + error.retryAfter + wait(attempt, this.#options.backoff);
		this.#notBefore = Date.now() + error.retryAfter;
		this.#timer = setTimeout(() => void this.#connect(), retryAt - Date.now());
		this.#set({ status: 'waiting', error, attempt, retryAt });
	}

	/** Forget the connection without waiting for the closing handshake, which a dead link never finishes. */
	#drop(code: number, reason: string, error: SocketError): void {
		clearTimeout(this.#timer);
		clearTimeout(this.#pulse);
		this.#life?.abort();
		const ws = this.#ws;
		this.#ws = undefined;
		this.#heartbeat = 0;
		if (ws) {
			ws.onopen = ws.onmessage = ws.onclose = null;
			ws.close(code, reason);
		}
		this.lost(error, this.#outbox);
	}

	#end(status: 'idle' | 'closed', error: SocketError, code = 1000, reason = ''): void {
		this.#leavePage?.();
		this.#leavePage = undefined;
		this.#outbox = [];
		this.#drop(code, reason, error);
		this.#set({ status, retryAt: undefined, error: status === 'closed' ? error : undefined });
	}
}
