/** Typed WebSocket that reconnects; independent of Svelte. */
import { isDevelopment } from './development.js';
import { Refused, SocketError } from './errors.js';
import type { Events } from './events.js';
import { requireName } from './names.js';
import { watchPage } from './page-lifecycle.js';
import { canChange, valueFor, type PerAttempt } from './per-attempt.js';
import type { Codec, Endpoint, Frame, MessageArguments, Protocol } from './protocol.js';
import { backoffDelay, isFinal, LONGEST_DELAY, type Backoff } from './reconnect.js';
import type { State, Status } from './state.js';
import { startTimer, type Timer } from './timer.js';
import { endpointUrl } from './url.js';
import { isDeeper, validate } from './validate.js';
import { warnClosed, warnInvalid, warnRefused } from './warnings.js';

/** Connection to open. */
export interface Ticket {
	readonly url: string | URL;
	/** Subprotocols to offer; the server selects one. */
	readonly protocols?: string[] | undefined;
}

/** Arguments of the class of the connections. */
export interface Target {
	readonly url: string | URL;
	readonly protocols?: string | string[];
}

/** The part of `WebSocket` that a client uses. */
export interface WebSocketLike {
	onopen: ((event: any) => void) | null;
	onmessage: ((event: any) => void) | null;
	onerror: ((event: any) => void) | null;
	onclose: ((event: any) => void) | null;
	readonly protocol: string;
	readonly readyState: number;
	send(text: string): void;
	close(code?: number): void;
}

export interface SocketOptions {
	/** URL of the connection, relative to the page. */
	readonly url?: PerAttempt<string | URL>;
	/**
	 * URL of the server, such as `https://example.org/app/`, `/app`, `./` relative to the document, or `base` of SvelteKit's `$app/paths`.
	 * Default: the origin of the page.
	 */
	readonly base?: string | URL;
	/** Called before each attempt; returns the URL of the connection, such as {@link fromAction}. */
	readonly ticket?: (signal: AbortSignal) => Promise<Ticket>;
	/** Subprotocols to offer, such as {@link bearer}. Default `['tornado-ws.1']`. */
	readonly protocols?: PerAttempt<string[]>;
	readonly backoff?: Backoff;
	/** Milliseconds until an attempt fails; 0 and `Infinity`: never. Default 10000. */
	readonly connectTimeout?: number;
	/** Maximum number of messages queued while there is no connection. Default 256. */
	readonly outbox?: number;
	/** Class of the connections, for tests. Default: the `WebSocket` of the browser. */
	readonly WebSocket?: new (url: string | URL, protocols?: string | string[]) => WebSocketLike;
}

interface PendingRequest {
	readonly frame: Frame;
	readonly next: (data: any, id: number) => void;
	readonly end: (error?: Error) => void;
}

export const SUBPROTOCOL = 'tornado-ws.1';
/** Milliseconds after which a connection is stable, so that the backoff starts over; also to wait for the reply to a ping. */
const STABLE_AFTER = 5000;

export class Socket<P extends Protocol> {
	readonly endpoint: Endpoint<P>;
	/** Codec for frames and parameters; features replace it. */
	json: Codec = JSON;
	/** Return the error of a handshake that failed, with its reason if that is known; features replace this function. */
	explain: (error: SocketError, url: string | URL, signal: AbortSignal) => SocketError | Promise<SocketError> = (error) => error;
	/** Messages queued while there is no connection, in order. */
	readonly outbox: Frame[] = [];
	readonly #options: SocketOptions;
	readonly #params: PerAttempt<object | undefined>;
	readonly #listeners = new Map<string, Set<(data: any) => void>>();
	readonly #requests = new Map<number | undefined, PendingRequest>();
	readonly #warned: { [code: string]: boolean } = {};
	#state: State = { status: 'idle', attempt: 0, unconfirmed: 0 };
	/** Set from `open()` until the socket is closed. */
	#opened: AbortController | undefined;
	/** Aborts the current attempt and its connection. */
	#connection: AbortController | undefined;
	#ws: WebSocketLike | undefined;
	/** URL of the current attempt or connection, until it has ended. */
	#attempted: string | URL | undefined;
	#timer: Timer;
	/** Interval of heartbeats, in milliseconds; 0 without the subprotocol. */
	#heartbeat = 0;
	/** Time of the last frame from the server; 0 since a ping. */
	#receivedAt = 0;
	#openedAt = Infinity;
	/** Number of failed attempts since the last stable connection. */
	#failures = 0;
	/** True since a refusal of the credentials, until a connection is stable. */
	#isUnauthorized = false;

	constructor(endpoint: Endpoint<P>, options: SocketOptions = {}, params?: PerAttempt<P['params']>) {
		this.endpoint = endpoint;
		this.#options = options;
		this.#params = params;
	}

	get state(): State {
		return this.#state;
	}

	/** Connect, and stay connected until `close()`. Does nothing if the socket is open already. */
	open(): void {
		this.start();
	}

	/** Drop the connection, if any, and connect again without delay. */
	reconnect(): void {
		// Several calls at once create one connection.
		if (this.#ws || this.#state.status === 'waiting') {
			this.#disconnect(new SocketError('reconnecting', 1001, 'closed'));
			void this.#connect();
		} else this.start();
	}

	/** Connect unless the socket is open already. */
	protected start(): void {
		if (this.#opened) return;
		this.#opened = new AbortController();
		this.#isUnauthorized = false;
		watchPage(
			(active) => (active ? this.#wake() : this.#disconnect(new SocketError('hidden', 1001, 'closed'))),
			this.#opened.signal,
		);
		void this.#connect();
	}

	/** Close the connection until `open()`: requests reject, iterators end, and unsent messages are dropped. */
	close(): void {
		this.#disconnect(new SocketError('closed', 1000), 'idle');
	}

	/**
	 * Send a message; without a connection it is queued for the next one, unless it is volatile.
	 *
	 * @returns True if the message was handed to an open connection, false if it was queued or dropped. See `unconfirmed`.
	 * @throws InvalidMessage if the data does not match its schema, or is larger than the server accepts (`too_big`).
	 * @throws SocketError if the socket is closed, or too many messages are queued.
	 */
	send<K extends keyof P['client'] & string>(name: K, ...[data]: MessageArguments<P['client'][K]>): boolean {
		requireName(this.endpoint, 'send', name);
		return this.sendMessage(this.encode(name, data));
	}

	/**
	 * Call `listener` for each `name`; this does not connect.
	 *
	 * @returns A function that removes the listener.
	 */
	listen<K extends keyof Events<P> & string>(name: K, listener: (data: Events<P>[K]) => void): () => void {
		const listeners = this.#listeners.get(name) ?? new Set();
		this.#listeners.set(name, listeners.add(listener));
		return () => listeners.delete(listener);
	}

	/**
	 * Send a request, for {@link requests} and {@link streams}.
	 *
	 * @param next Receives the reply or each item, and the `id` of the request.
	 * @returns A function that cancels the request.
	 */
	sendRequest(name: string, data: unknown, next: (data: any, id: number) => void, end: (error?: Error) => void): () => void {
		const id = nextId();
		const frame = this.encode(name, data, { id });
		this.sendMessage(frame);
		this.#requests.set(id, { frame, next, end });
		return () => {
			if (!this.#requests.delete(id)) return;
			const index = this.outbox.indexOf(frame);
			if (index < 0) this.sendFrame({ type: '$cancel', id });
			else this.outbox.splice(index, 1);
		};
	}

	/**
	 * Return the frame of a message; features replace this method.
	 *
	 * @throws InvalidMessage if the server would reject it.
	 */
	encode(type: string, data: unknown, members?: Partial<Frame>): Frame {
		const frame = this.json.parse(this.json.stringify({ type, ...members, data })); // as the server will read it
		const invalid = validate(type, this.endpoint.client[type]!.data, frame.data);
		if (invalid) throw invalid;
		return frame;
	}

	/** Send a frame on the current connection; features replace this method. */
	sendFrame(frame: Frame): void {
		this.#ws?.send(this.json.stringify(frame));
	}

	/** Send the queued messages; features replace this method. */
	sendOutbox(): void {
		for (const frame of this.outbox.splice(0)) this.sendFrame(frame);
	}

	/** Send the frame of a message, or queue it; return true if it was handed to an open connection. */
	sendMessage(frame: Frame): boolean {
		const { status, error } = this.#state;
		const { volatile } = this.endpoint.client[frame.type]!;
		const open = status === 'open' && this.#ws!.readyState === 1 && (volatile ?? !this.outbox.length);
		if (open) this.sendFrame(frame);
		else if (status === 'closed' || (status === 'idle' && error)) throw error;
		else if (this.outbox.length >= (this.#options.outbox ?? 256)) throw new SocketError('outbox full', 1013, 'full');
		else if (!volatile) this.outbox.push(frame);
		return open;
	}

	/** Call the listeners of an event. */
	emit(name: string, data: unknown): void {
		for (const listener of this.#listeners.get(name) ?? []) {
			try {
				listener(name === '$state' ? this.#state : data); // an earlier listener may have changed the state
			} catch (error) {
				reportError(error); // the other listeners are still called
			}
		}
	}

	/** Change the state; features replace this method. */
	update(change: Partial<State>): void {
		this.emit('$state', (this.#state = { ...this.#state, ...change }));
	}

	async #connect(): Promise<void> {
		const { url, base, ticket, protocols, connectTimeout = 10_000, WebSocket: Connection = WebSocket } = this.#options;
		const { signal } = (this.#connection = new AbortController());
		this.update({ status: 'connecting', retryAt: undefined });
		this.#watchAfter(connectTimeout);
		try {
			// eslint-disable-next-line @typescript-eslint/await-thenable -- errors do not reach the caller, which may be about to render
			await undefined;
			const found: Ticket = ticket
				? await ticket(signal)
				: {
						url:
							(await valueFor(url, signal)) ??
							endpointUrl(this.endpoint, await valueFor(this.#params, signal), base, this.json),
					};
			const offered = found.protocols ?? (await valueFor(protocols, signal)) ?? SUBPROTOCOL;
			if (signal.aborted) return;
			const chosen = this.prepare({ ...found, protocols: offered });
			this.#attempted = found.url;
			const ws = (this.#ws = new Connection(chosen.url, chosen.protocols));
			// Chromium does not throw if a policy blocks the connection, and calls no `onclose`.
			if (ws.readyState > 1) throw new SocketError('blocked');
			// The close event is not awaited: a dead connection never completes the closing handshake.
			signal.onabort = () => ws.close(1000);
			ws.onopen = () => ws.protocol === SUBPROTOCOL || this.openPlain();
			ws.onmessage = ({ data }: MessageEvent) => this.#receive(data);
			ws.onerror = ws.onclose = ({ code = 1006, reason = '' }: Partial<CloseEvent>) => {
				ws.onerror = ws.onclose = null;
				const required = +reason.split('after ')[1]! * 1000;
				const after = isDevelopment ? Math.min(required, LONGEST_DELAY) : required;
				void this.#end(new SocketError(reason || `closed with ${code}`, code, undefined, after), found.url, signal);
			};
		} catch (error: any) {
			// Firefox throws for a connection that a policy blocks. The reason is reported later.
			if (!signal.aborted) this.#fail(error.kind ? error : new SocketError(error.message, error.code));
		}
	}

	/** Return the connection to open; features replace this method. */
	prepare(target: Target): Target {
		return target;
	}

	/** End a connection, or an attempt, that the browser has ended. */
	async #end(error: SocketError, url: string | URL, signal: AbortSignal): Promise<void> {
		this.#attempted = undefined;
		if (error.code === 1006 && this.#state.status === 'connecting' && !signal.aborted) error = await this.explain(error, url, signal);
		if (!signal.aborted) this.#disconnect(error);
	}

	/** Use a connection without the subprotocol; features replace this method. */
	openPlain(): void {
		this.#onOpen();
	}

	#onOpen(outdated?: boolean): void {
		this.#openedAt = Date.now();
		this.sendOutbox();
		this.update({ status: 'open', attempt: 0, error: undefined, outdated });
		this.#watchAfter(this.#heartbeat);
	}

	/** Ping a server that is silent for the interval of heartbeats; disconnect if it does not answer. */
	#watch(): void {
		const left = this.#receivedAt + this.#heartbeat - performance.now();
		if (left > 0) this.#watchAfter(left);
		else if (this.#receivedAt && this.#heartbeat) this.#ping(this.#heartbeat);
		else this.#fail(new SocketError('no answer', 1006, 'timeout'));
	}

	/** End a connection, or an attempt, that the browser has not ended. */
	#fail(error: SocketError): void {
		const ws = this.#ws;
		if (this.#attempted === undefined) return this.#disconnect(error);
		if (ws) {
			ws.onopen = ws.onerror = ws.onclose = null;
			ws.close(1000);
		}
		void this.#end(error, this.#attempted, this.#connection!.signal);
	}

	#watchAfter(delay: number): void {
		clearTimeout(this.#timer);
		this.#timer = startTimer(() => this.#watch(), delay);
	}

	/** Disconnect unless a frame arrives within `timeout` milliseconds. */
	#ping(timeout: number): void {
		this.#receivedAt = 0;
		this.sendFrame({ type: '$ping' });
		this.#watchAfter(timeout);
	}

	/** Reconnect without delay, or check a connection that may be dead. */
	#wake(): void {
		const { status, error } = this.#state;
		if (status === 'waiting' && !error?.retryAfterMs) void this.#connect();
		else if (status === 'open' && this.#heartbeat) this.#ping(STABLE_AFTER);
	}

	/** End the connection and the requests sent on it; schedule the next attempt if `status` is `waiting`. */
	#disconnect(error: SocketError, status: Status = isFinal(error.code) ? 'closed' : 'waiting'): void {
		if (Date.now() - this.#openedAt > STABLE_AFTER) {
			this.#failures = 0;
			this.#isUnauthorized = false;
		}
		const { url, ticket, protocols, backoff } = this.#options;
		// Other credentials may change the refusal.
		const again = error.code === 3000 && !this.#isUnauthorized && canChange(url, ticket, protocols, this.#params);
		if (again) {
			this.#isUnauthorized = true;
			status = 'waiting';
		}
		const retry = status === 'waiting';
		if (isDevelopment && !retry) warnClosed(this.endpoint.name, error);
		this.#failures = retry ? this.#failures + +(error.kind !== 'closed') : 0;
		const delay = again ? 0 : error.retryAfterMs + backoffDelay(this.#failures, backoff);
		this.#heartbeat = 0;
		this.#connection?.abort();
		this.#ws = this.#attempted = undefined;
		this.#openedAt = Infinity;
		clearTimeout(this.#timer);
		if (retry) this.#timer = startTimer(() => void this.#connect(), delay || 1);
		else {
			this.#opened?.abort();
			this.#opened = undefined;
			this.outbox.length = 0;
		}
		this.update({
			status,
			error,
			attempt: this.#failures,
			retryAt: retry ? Date.now() + delay : undefined,
		});
		for (const [id, { frame, end }] of this.#requests)
			if (!this.outbox.includes(frame) && this.#requests.delete(id)) end(error);
	}

	#receive(text: string): void {
		this.#receivedAt = performance.now();
		let frame: Frame | undefined;
		try {
			frame = this.json.parse(text);
		} catch {
			// reported below, as a frame that is not an object
		}
		this.receiveFrame(frame);
	}

	/** Handle a frame from the server; features replace this method. */
	receiveFrame(frame: Frame | undefined): void {
		try {
			this.#dispatch(frame!);
		} catch (error) {
			const refused = error instanceof Refused ? error : new Refused({ code: 'malformed_json' });
			this.#requests.get(frame?.re)?.end(refused);
			if (isDevelopment) warnInvalid(this.endpoint.name, refused);
			else this.#warned[refused.code] ||= (console.warn(this.endpoint.name, refused), true);
			this.emit('$invalid', refused);
		}
	}

	#dispatch(frame: Frame): void {
		const { type, data, id, re } = frame;
		const endpoint = this.endpoint;
		const request = this.#requests.get(re);
		if (isDevelopment && type === '$error') warnRefused(endpoint.name, data, request?.frame.type);
		if (isDeeper(frame, 200)) throw new Refused({ code: 'too_deep' });
		if (request) {
			const { reply, stream } = endpoint.client[request.frame.type]!;
			if (reply || type[0] === '$') this.#requests.delete(re);
			if (type === '$end') return request.end();
			const error = type === '$error' ? new Refused(data) : validate(`${reply ? 'reply to' : 'item of'} ${type}`, reply ?? stream, data);
			if (error) request.end(error);
			else request.next(data, re!);
		} else if (type === '$error') {
			if (data.code === 'cancelled') return; // the page itself has cancelled the request
			const lastRefusal = new Refused(data);
			this.update({ lastRefusal });
			this.emit(type, lastRefusal);
		} else if (type === '$hello') {
			const outdated = !data.contracts.includes(endpoint.contract);
			const remedy = isDevelopment ? 'the server has another schema; restart it, or reload the page' : 'reload';
			if (outdated) console.warn(endpoint.name, `is outdated: ${remedy}`);
			this.#heartbeat = data.heartbeat * 1000;
			this.emit(type, data);
			this.#onOpen(outdated);
		} else if (type[0] !== '$' && re === undefined) {
			if (!Object.hasOwn(endpoint.server, type)) throw new Refused({ code: 'unknown_message' });
			const invalid = validate(type, endpoint.server[type]!.data, data);
			if (invalid) throw invalid;
			if (id !== undefined) return this.emit('$request', frame);
			this.emit(type, data);
			this.emit('$message', frame);
		}
	}
}

let lastId = 0;

/** Return a number that this page has not used for a request or message. */
export const nextId = (): number => ++lastId;
