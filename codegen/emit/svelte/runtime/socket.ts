/** Typed WebSocket that reconnects; independent of Svelte. */
import { asyncQueue } from './async-queue.js';
import { InvalidMessage, Refused, SocketError } from './errors.js';
import type { Events, Unconfirmed } from './events.js';
import { watchPage } from './page-lifecycle.js';
import type { Endpoint, Frame, Message, MessageArguments, Protocol } from './protocol.js';
import { backoffDelay, isFinal, type Backoff } from './reconnect.js';
import type { State, Status } from './state.js';
import { fetchTicket, type TicketInit } from './ticket.js';
import { endpointUrl } from './url.js';
import { validate } from './validate.js';

export interface SocketOptions {
	/** URL of the connection, relative to the page. */
	readonly url?: string | URL;
	/** URL of the server, such as `https://example.org/`. Default: the origin of the page. */
	readonly base?: string | URL;
	/** URL of an action to POST to before each attempt; its response contains the URL of the connection. */
	readonly action?: string | URL;
	/** Options of the POST request, such as headers or a body. */
	readonly init?: TicketInit;
	/** Subprotocols to offer. Default `['tornado-ws.1']`. */
	readonly protocols?: string[];
	readonly backoff?: Backoff;
	/** Milliseconds until an attempt fails. Default 10000. */
	readonly connectTimeout?: number;
	/** Number of messages kept while there is no connection. Default 256. */
	readonly outbox?: number;
	/** Called when a connection ends, with the messages sent on it that the server has not confirmed, in order. */
	readonly onunconfirmed?: (messages: Unconfirmed<any>) => void;
}

interface PendingRequest {
	readonly frame: Frame;
	next(data: any): void;
	end(error?: Error): void;
}

const SUBPROTOCOL = 'tornado-ws.1';
/** Milliseconds after which a connection is stable, so that the backoff starts over. */
const STABLE_AFTER = 5000;
/** Milliseconds to wait for the reply to a ping. */
const PING_TIMEOUT = 5000;
/** Milliseconds until the server is asked to confirm a message, and between two such questions. */
const CONFIRM_AFTER = 100;
const CONFIRM_EVERY = 1000;
/** Maximum number of frames remembered until they are confirmed. */
const MAX_UNCONFIRMED = 1024;
/** Maximum number of nested arrays and objects in a frame. */
const MAX_DEPTH = 200;

export class Socket<P extends Protocol> implements AsyncIterable<Message<P>> {
	readonly endpoint: Endpoint<P>;
	readonly #options: SocketOptions;
	readonly #params: object | undefined;
	readonly #listeners: { [name: string]: Set<(data: any) => void> };
	readonly #requests = new Map<number, PendingRequest>();
	readonly #warned: { [code: string]: boolean } = {};
	#state: State = { status: 'idle', attempt: 0, unconfirmed: 0 };
	#outbox: Frame[] = [];
	/** Set from `open()` until the socket is closed. */
	#opened: AbortController | undefined;
	/** Aborts the current attempt and its connection. */
	#connection: AbortController | undefined;
	#ws: WebSocket | undefined;
	#timer: ReturnType<typeof setTimeout> | undefined;
	/** Interval of heartbeats, in milliseconds; 0 without the subprotocol. */
	#heartbeat = 0;
	/** Time of the last frame from the server; 0 since a ping. */
	#receivedAt = 0;
	/** Newest of the frames that were sent on this connection and are not confirmed. */
	#unconfirmed: Frame[] = [];
	/** Numbers of frames sent on this connection, and confirmed. */
	#sent = 0;
	#confirmed = 0;
	#confirmation: ReturnType<typeof setTimeout> | undefined;
	#openedAt = 0;

	constructor(endpoint: Endpoint<P>, options: SocketOptions = {}, params?: P['params']) {
		this.endpoint = endpoint;
		this.#options = options;
		this.#params = params;
		this.#listeners = { $unconfirmed: new Set(options.onunconfirmed && [options.onunconfirmed]) };
	}

	get state(): State {
		return this.#state;
	}

	/** Connect, and stay connected until `close()`. Does nothing if the socket is open already. */
	open(): void {
		if (!this.#opened) this.reconnect();
	}

	/** Drop the connection, if any, and connect again without delay. */
	reconnect(): void {
		if (this.#opened) this.#disconnect(new SocketError('reconnecting', 1001));
		else {
			this.#opened = new AbortController();
			watchPage((active) => (active ? this.#wake() : this.#disconnect(new SocketError('hidden', 1001))), this.#opened.signal);
		}
		void this.#connect();
	}

	/** Close the connection: pending requests reject, iterators end, and unsent messages are dropped. */
	close(): void {
		this.#disconnect(new SocketError('closed', 1000), 'idle');
	}

	/**
	 * Send a message; without a connection it is kept for the next one, unless it is volatile.
	 *
	 * @returns True if the message was handed to an open connection, false if it was kept or dropped. See `unconfirmed`.
	 * @throws InvalidMessage if the data does not match its schema, or is larger than the server accepts (`too_big`).
	 * @throws SocketError if the socket is closed after a final error, or too many messages are kept.
	 */
	send<K extends keyof P['client'] & string>(name: K, ...[data]: MessageArguments<P['client'][K]>): boolean {
		return this.sendMessage(this.encode(name, data));
	}

	/**
	 * Call `listener` for each `name`.
	 *
	 * @returns A function that removes the listener.
	 */
	on<K extends keyof Events<P> & string>(name: K, listener: (data: Events<P>[K]) => void): () => void {
		return this.listen(name, listener);
	}

	/** Call `listener` for each `name`, for features: unlike `on`, this does not open the connection of a component. */
	listen<K extends keyof Events<P> & string>(name: K, listener: (data: Events<P>[K]) => void): () => void {
		(this.#listeners[name] ??= new Set()).add(listener);
		return () => this.#listeners[name]!.delete(listener);
	}

	/** Connect if the client does so when it is used, and stay connected until the function that this returns is called. */
	use(): () => void {
		return () => undefined;
	}

	/**
	 * Connect, and iterate over the messages from now on. The iteration ends at `close()`.
	 *
	 * @throws SocketError if the socket is closed after a final error.
	 * @throws RangeError if the reader is too slow.
	 */
	[Symbol.asyncIterator](): AsyncGenerator<Message<P>, void, void> {
		return asyncQueue((push, end) => {
			const removers = [
				this.on<'$message'>('$message', push),
				this.on<'$state'>('$state', ({ status, error }) => this.#opened || end(status === 'closed' && error)),
			];
			this.open();
			if (!this.#opened) end(); // not in a browser
			return () => {
				for (const remove of removers) remove();
			};
		});
	}

	/**
	 * Send a request, for {@link requests} and {@link streams}.
	 *
	 * @returns A function that cancels the request.
	 */
	sendRequest(name: string, data: unknown, next: (data: any) => void, end: (error?: Error) => void): () => void {
		const id = nextId();
		const frame = this.encode(name, data, { id });
		this.sendMessage(frame);
		this.#requests.set(id, { frame, next, end });
		return () => {
			if (this.#requests.delete(id) && !this.withdraw(frame)) this.sendFrame({ type: '$cancel', id });
		};
	}

	/**
	 * Return the frame of a message.
	 *
	 * @throws InvalidMessage if the server would reject it.
	 */
	encode(type: string, data: unknown, members?: Partial<Frame>): Frame {
		const { client, messageBytes } = this.endpoint;
		const text = JSON.stringify({ type, ...members, data });
		const frame = JSON.parse(text); // as the server will read it
		const invalid = validate(type, client[type]!.data, frame.data);
		if (invalid) throw invalid;
		if (text.length * 3 > messageBytes && new TextEncoder().encode(text).length > messageBytes)
			throw new InvalidMessage({
				code: 'too_big',
				expected: messageBytes,
				message: `${type}: expected at most ${messageBytes} bytes`,
			});
		return frame;
	}

	/** Send a frame on the current connection. */
	sendFrame(frame: Frame): void {
		this.#ws!.send(JSON.stringify(frame));
		if (!this.#heartbeat) return;
		this.#sent++;
		if (this.#unconfirmed.push(frame) > MAX_UNCONFIRMED) this.#unconfirmed.shift();
		this.#confirmation ??= setTimeout(() => this.#confirm(), CONFIRM_AFTER);
	}

	/** Send the messages that were kept without a connection, for {@link pacing}. */
	sendKept(outbox: Frame[]): void {
		for (const frame of outbox.splice(0)) this.sendFrame(frame);
	}

	/** Drop a message that was kept; return false if it was not. */
	withdraw(frame: Frame): boolean {
		const index = this.#outbox.indexOf(frame);
		return index >= 0 && !!this.#outbox.splice(index, 1);
	}

	/** Keep messages before all others, except those that are kept already. */
	requeue(frames: Frame[]): void {
		this.#outbox.unshift(...frames.filter((frame) => !this.#outbox.includes(frame)));
	}

	/** Send the frame of a message, or keep it; return true if it was handed to an open connection. */
	sendMessage(frame: Frame): boolean {
		const { status, error } = this.#state;
		const { volatile } = this.endpoint.client[frame.type]!;
		const open = status === 'open' && this.#ws!.readyState === 1 && (volatile || !this.#outbox.length);
		if (open) this.sendFrame(frame);
		else if (status === 'closed') throw error;
		else if (this.#outbox.length >= (this.#options.outbox ?? 256)) throw new SocketError('outbox full', 1013);
		else if (!volatile) this.#outbox.push(frame);
		return open;
	}

	/** Call the listeners of an event. */
	emit(name: string, data: unknown): void {
		for (const listener of this.#listeners[name] ?? []) {
			try {
				listener(data);
			} catch (error) {
				reportError(error); // the other listeners are still called
			}
		}
	}

	/** Change the state. */
	update(change: Partial<State>): void {
		this.#state = { ...this.#state, ...change };
		this.emit('$state', this.#state);
	}

	/** Update `unconfirmed`; return the newest of these messages. */
	#countUnconfirmed(): Frame[] {
		const messages = this.#unconfirmed.filter(
			({ type, id, re }) => id === re && type[0] !== '$' && !this.endpoint.client[type]!.volatile,
		);
		const unconfirmed = this.#sent - this.#confirmed - this.#unconfirmed.length + messages.length;
		if (unconfirmed !== this.#state.unconfirmed) this.update({ unconfirmed });
		return messages;
	}

	/** Ask the server to confirm messages, at most once a second. */
	#confirm(): void {
		const isOpen = this.#countUnconfirmed().length;
		if (isOpen) this.sendFrame({ type: '$ping' });
		this.#confirmation = isOpen ? setTimeout(() => this.#confirm(), CONFIRM_EVERY) : undefined;
	}

	async #connect(): Promise<void> {
		const { url, base, action, init, protocols, connectTimeout = 10_000 } = this.#options;
		const { signal } = (this.#connection = new AbortController());
		this.#openedAt = Infinity;
		this.update({ status: 'connecting', retryAt: undefined });
		this.#receivedAt = 0;
		this.#watchAfter(connectTimeout);
		try {
			const ticket = action
				? await fetchTicket(action, init, signal)
				: { url: url ?? endpointUrl(this.endpoint, this.#params, base) };
			if (signal.aborted) return;
			const ws = (this.#ws = new WebSocket(ticket.url, ticket.protocols ?? protocols ?? SUBPROTOCOL));
			// The close event is not awaited: a dead connection never completes the closing handshake.
			signal.onabort = () => ws.close(1000);
			ws.onopen = () => ws.protocol === SUBPROTOCOL || this.#onOpen();
			ws.onmessage = ({ data }) => this.#receive(data);
			ws.onclose = ({ code, reason }) =>
				signal.aborted ||
				this.#disconnect(new SocketError(reason || `closed with ${code}`, code, +(/after (\d+)/.exec(reason)?.[1] ?? 0) * 1000));
		} catch (error: any) {
			signal.aborted || this.#disconnect(new SocketError(error.message, error.code, error.retryAfterMs));
		}
	}

	#onOpen(outdated?: boolean): void {
		this.#openedAt = Date.now();
		this.sendKept(this.#outbox);
		this.update({ status: 'open', error: undefined, outdated, unconfirmed: 0 });
		clearTimeout(this.#timer);
		if (this.#heartbeat) this.#watch();
	}

	/** Ping a server that is silent for the interval of heartbeats; disconnect if it does not answer. */
	#watch(): void {
		const left = this.#receivedAt + this.#heartbeat - performance.now();
		if (left > 0) this.#watchAfter(left);
		else if (this.#receivedAt) this.#ping(this.#heartbeat);
		else this.#disconnect(new SocketError('no answer'));
	}

	#watchAfter(delay: number): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#watch(), delay);
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
		else if (status === 'open' && this.#heartbeat) this.#ping(PING_TIMEOUT);
	}

	/** End the connection and the requests sent on it; schedule the next attempt if `status` is `waiting`. */
	#disconnect(error: SocketError, status: Status = isFinal(error.code) ? 'closed' : 'waiting'): void {
		const retry = status === 'waiting';
		const attempt = Date.now() - this.#openedAt > STABLE_AFTER ? 1 : this.#state.attempt + 1;
		const delay = error.retryAfterMs + backoffDelay(attempt, this.#options.backoff);
		const unconfirmed = this.#unconfirmed.length ? this.#countUnconfirmed() : [];
		this.#unconfirmed = [];
		this.#sent = this.#confirmed = this.#heartbeat = 0;
		clearTimeout(this.#confirmation);
		this.#confirmation = undefined;
		this.#connection?.abort();
		clearTimeout(this.#timer);
		if (retry) this.#timer = setTimeout(() => void this.#connect(), delay);
		else {
			this.#opened?.abort();
			this.#opened = undefined;
			this.#outbox = [];
		}
		this.update({ status, error, attempt: retry ? attempt : 0, retryAt: retry ? Date.now() + delay : undefined, recovered: undefined });
		for (const [id, { frame, end }] of this.#requests)
			if (!this.#outbox.includes(frame) && this.#requests.delete(id)) end(error);
		if (unconfirmed.length) this.emit('$unconfirmed', unconfirmed);
	}

	#receive(text: string): void {
		this.#receivedAt = this.#heartbeat && performance.now();
		let frame;
		try {
			frame = JSON.parse(text);
		} catch {}
		this.receiveFrame(frame);
	}

	/** Handle a frame from the server; features replace this method. */
	receiveFrame(frame: Frame | undefined): void {
		try {
			this.#dispatch(frame!);
		} catch (error) {
			const refused = error instanceof Refused ? error : new Refused({ code: 'malformed_json' });
			this.#warned[refused.code] ||= (console.warn(this.endpoint.name, refused), true);
			this.emit('$invalid', refused);
		}
	}

	#dispatch(frame: Frame): void {
		const { type, data, id, re } = frame;
		const { endpoint } = this;
		const request = this.#requests.get(re!);
		if (isDeeper(frame, MAX_DEPTH)) throw new Refused({ code: 'too_deep' });
		if (request) {
			const { reply, stream } = endpoint.client[request.frame.type]!;
			if (reply || type[0] === '$') this.#requests.delete(re!);
			if (type === '$end') return request.end();
			const error = type === '$error' ? new Refused(data) : validate(type, reply ?? stream, data);
			if (error) request.end(error);
			else request.next(data);
		} else if (type === '$cancel') this.emit(type, id);
		else if (type === '$pong') {
			this.#confirmed = data.received;
			this.#unconfirmed.splice(0, this.#unconfirmed.length - this.#sent + data.received);
			this.#countUnconfirmed();
		} else if (type === '$error') {
			const lastRefusal = new Refused(data);
			this.update({ lastRefusal });
			this.emit(type, lastRefusal);
		} else if (type === '$hello') {
			const outdated = data.contract !== endpoint.contract;
			if (outdated) console.warn(endpoint.name, 'is outdated');
			this.#heartbeat = data.heartbeat * 1000;
			this.#receivedAt = performance.now();
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

const isDeeper = (value: unknown, levels: number): boolean =>
	value instanceof Object && (!levels || Object.values(value).some((part) => isDeeper(part, levels - 1)));
