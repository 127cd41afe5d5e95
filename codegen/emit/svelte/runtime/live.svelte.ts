/** Reactive socket for Svelte components. */
import { untrack } from 'svelte';
import { createSubscriber } from 'svelte/reactivity';
import { asyncQueue } from './async-queue.js';
import { confirmations } from './confirmations.js';
import { isDevelopment } from './development.js';
import { diagnosis } from './diagnosis.js';
import { SocketError, type Refused } from './errors.js';
import type { Events, Unconfirmed } from './events.js';
import { requireName } from './names.js';
import { checkOptions } from './option-checks.js';
import type { PerAttempt } from './per-attempt.js';
import type { Endpoint, Message, MessageArguments, Protocol } from './protocol.js';
import { Socket, type SocketOptions } from './socket.js';
import type { State, Status } from './state.js';
import { subprotocol } from './subprotocol.js';
import { startTimer, type Timer } from './timer.js';

export interface LiveOptions extends SocketOptions {
	/** Number of messages that `messages` keeps. Default 200. */
	readonly history?: number;
	/** Connect when first used. Default true; otherwise on `open()`. */
	readonly auto?: boolean;
	/** Milliseconds from the last use until the connection is closed; `Infinity`: never. Default 1000. */
	readonly linger?: number;
	/** `frame`: change `messages` and `last` at most once for each animation frame. Default: with each message. */
	readonly batch?: 'frame' | undefined;
	/** Called when a connection ends, with the messages sent on it that the server has not confirmed, in order. */
	readonly onunconfirmed?: (messages: Unconfirmed<any>) => void;
}

/** Milliseconds between two checks for messages that are not sent or not confirmed. */
const OUTBOX_INTERVAL = 1000;

/** Newest data of a message. */
class Newest {
	data = $state.raw<unknown>();
}

const isBrowser = (): boolean => typeof document === 'object';

/**
 * Socket with reactive state. Each property wakes only its own readers.
 *
 * A client connects when it is used in a browser, and closes a moment after the last use. Uses are: components and effects that
 * read a property; listeners, iterations and streams until they end; requests until their reply; messages until they are sent.
 * Listeners, iterations and streams that begin in a component or effect end with it.
 */
export class Live<P extends Protocol> extends Socket<P> implements AsyncIterable<Message<P>> {
	/** Connect when first used; otherwise on `open()`. */
	auto: boolean;
	/** Newest data of each message type. */
	readonly last: { readonly [K in keyof P['server']]?: P['server'][K] } = Object.create(null);

	readonly #subscribe: () => void;
	readonly #linger: number;
	#uses = 0;
	#timer: Timer;
	/** True from `open()` until `close()`, or until the last reader is destroyed. */
	#isPinned = false;
	/** True from `close()` until the next connection. */
	#isClosed = false;

	#state = $state.raw<State>(super.state);
	// Derived values wake their readers only when they change.
	readonly #status = $derived(this.#state.status);
	readonly #connected = $derived(this.#state.status === 'open');
	readonly #error = $derived(this.#state.error);
	readonly #attempt = $derived(this.#state.attempt);
	readonly #retryAt = $derived(this.#state.retryAt);
	readonly #outdated = $derived(this.#state.outdated);
	readonly #recovered = $derived(this.#state.recovered);
	readonly #unconfirmed = $derived(this.#state.unconfirmed);
	readonly #lastRefusal = $derived(this.#state.lastRefusal);

	readonly #history: number;
	/** Newest messages, and some that `messages` does not contain any more. */
	#received: Message<P>[] = [];
	/** Maximum length of `#received`; it grows with it, so that a message costs constant time on average. */
	#maxReceived = 0;
	readonly #newest = new Map<string, Message<P>>();
	/** Replaced when messages arrive; `selected` is computed for the first reader. */
	#messages = $state.raw<{ selected?: readonly Message<P>[] }>({});

	constructor(endpoint: Endpoint<P>, options: LiveOptions = {}, params?: PerAttempt<P['params']>) {
		super(endpoint, options, params);
		if (isDevelopment) checkOptions(endpoint.name, options);
		const { history = 200, auto = true, linger = 1000, batch } = options;
		this.auto = auto;
		this.#linger = linger;
		this.#history = history;
		this.#subscribe = createSubscriber(() => {
			if (this.auto) this.start();
			const release = this.#use();
			return () => {
				this.#isPinned = false;
				release();
			};
		});

		const cells = new Map<string, Newest>();
		for (const type of Object.keys(endpoint.server)) {
			const cell = new Newest();
			cells.set(type, cell);
			const get = (): unknown => {
				this.#subscribe();
				return cell.data;
			};
			Object.defineProperty(this.last, type, { get, enumerable: true });
		}

		const changed = new Set<string>();
		const publish = (): void => {
			this.#messages = {};
			for (const type of changed) cells.get(type)!.data = this.#newest.get(type)!.data;
			changed.clear();
		};
		this.listen<'$message'>('$message', (message) => {
			this.#newest.set(message.type, message);
			if (this.#received.push(message) > this.#maxReceived) {
				this.#received = this.#select();
				this.#maxReceived = this.#received.length * 2 + 16;
			}
			if (batch && !changed.size) requestAnimationFrame(publish);
			changed.add(message.type);
			if (!batch) publish();
		});
		this.listen<'$state'>('$state', (state) => (this.#state = state));
		confirmations(this, options.onunconfirmed);
		subprotocol(this, options);
		diagnosis(this, options);
		// Methods can be passed on as functions.
		for (const name of ['open', 'close', 'reconnect', 'send', 'on'] as const) this[name] = (this[name] as any).bind(this);
	}

	/** All of the following; it changes with each of them. */
	override get state(): State {
		this.#subscribe();
		return this.#state;
	}
	get status(): Status {
		this.#subscribe();
		return this.#status;
	}
	/** True while the connection is open. */
	get connected(): boolean {
		this.#subscribe();
		return this.#connected;
	}
	/** Error that ended the last connection or prevented it. */
	get error(): SocketError | undefined {
		this.#subscribe();
		return this.#error;
	}
	/** Number of failed attempts since the last stable connection; 0 while open. */
	get attempt(): number {
		this.#subscribe();
		return this.#attempt;
	}
	/** Time of the next attempt while `waiting`, in milliseconds since 1970. */
	get retryAt(): number | undefined {
		this.#subscribe();
		return this.#retryAt;
	}
	/** True if the server uses a different version of the protocol than this page, so that a reload may help. */
	get outdated(): boolean | undefined {
		this.#subscribe();
		return this.#outdated;
	}
	/** After a reconnect: true if every missed message was sent again; undefined until it is known. */
	get recovered(): boolean | undefined {
		this.#subscribe();
		return this.#recovered;
	}
	/** Number of messages that were sent and that the server has not confirmed. */
	get unconfirmed(): number {
		this.#subscribe();
		return this.#unconfirmed;
	}
	/** Last error that the server sent, except for requests. */
	get lastRefusal(): Refused | undefined {
		this.#subscribe();
		return this.#lastRefusal;
	}
	/** Newest messages, oldest first; only the newest one of each volatile type. */
	get messages(): readonly Message<P>[] {
		this.#subscribe();
		return (this.#messages.selected ??= this.#select());
	}

	/** Connect, and stay connected until `close()` or until the last reader is destroyed. Does nothing outside a browser. */
	override open(): void {
		this.#isPinned = true;
		super.open();
	}

	override reconnect(): void {
		this.#isPinned = true;
		super.reconnect();
	}

	override close(): void {
		this.#isPinned = false;
		this.#isClosed = true;
		super.close();
	}

	/** @throws SocketError on a server. */
	override send<K extends keyof P['client'] & string>(name: K, ...data: MessageArguments<P['client'][K]>): boolean {
		const release = this.use();
		try {
			return super.send(name, ...data);
		} finally {
			release();
		}
	}

	override sendRequest(...request: Parameters<Socket<P>['sendRequest']>): () => void {
		const release = this.use();
		try {
			const cancel = super.sendRequest(...request);
			return () => {
				cancel();
				release();
			};
		} catch (error) {
			release();
			throw error;
		}
	}

	/**
	 * Call `listener` for each `name`. Within a component or effect, it is removed with it. Does nothing on a server.
	 *
	 * @returns A function that removes the listener.
	 */
	on<K extends keyof Events<P> & string>(name: K, listener: (data: Events<P>[K]) => void): () => void {
		requireName(this.endpoint, 'on', name);
		if (!isBrowser()) return () => undefined;
		const remove = this.listen(name, listener);
		const release = this.use();
		const stop = (): void => {
			remove();
			release();
		};
		this.stopWithOwner(stop);
		return stop;
	}

	/** Call `stop` when the component or effect that runs is destroyed, if any. */
	stopWithOwner(stop: () => void): void {
		try {
			$effect.pre(() => () => stop());
		} catch {
			// outside of components and effects
		}
	}

	protected override start(): void {
		if (!isBrowser()) return;
		this.#isClosed = false;
		super.start();
	}

	/**
	 * Connect, except after `close()` and final errors, and stay connected until the function that this returns is called.
	 *
	 * @throws SocketError on a server.
	 */
	use(): () => void {
		if (!isBrowser()) throw new SocketError('expected a browser', 1006, 'no-browser');
		// The caller may be about to render a component, which must not change state.
		if (this.auto && !this.#isClosed && super.state.status === 'idle') untrack(() => this.start());
		return this.#use();
	}

	#use(): () => void {
		this.#uses++;
		let isUsed = true;
		return () => {
			if (isUsed) this.#uses--;
			isUsed = false;
			this.#closeAfter(this.#linger);
		};
	}

	/** Close the connection if it is unused for `delay` milliseconds. */
	#closeAfter(delay: number): void {
		clearTimeout(this.#timer);
		const close = (): void => {
			const { status, unconfirmed } = super.state;
			if (this.#uses || this.#isPinned || /idle|closed/.test(status)) return;
			if (this.outbox.length || (status === 'open' && unconfirmed)) this.#closeAfter(OUTBOX_INTERVAL);
			else super.close();
		};
		this.#timer = startTimer(close, Math.max(delay, 1));
	}

	/** Return the value of `messages`. */
	#select(): Message<P>[] {
		const { server } = this.endpoint;
		return this.#received
			.filter((message) => !server[message.type]!.volatile || message === this.#newest.get(message.type))
			.slice(-this.#history || Infinity);
	}

	/**
	 * Connect, and iterate over the messages from now on. The iteration ends at `close()`, and with the component or effect in
	 * which it began.
	 *
	 * @throws SocketError if the socket is closed after a final error.
	 * @throws RangeError if the reader is too slow.
	 */
	[Symbol.asyncIterator](): AsyncGenerator<Message<P>, void, void> {
		return asyncQueue((push, end) => {
			const removers = [
				this.on<'$message'>('$message', push),
				this.on<'$state'>('$state', ({ status, error }) => /idle|closed/.test(status) && end(status === 'closed' && error)),
			];
			this.start();
			if (super.state.status === 'idle') end(); // not in a browser
			this.stopWithOwner(end);
			return () => {
				for (const remove of removers) remove();
			};
		});
	}
}
