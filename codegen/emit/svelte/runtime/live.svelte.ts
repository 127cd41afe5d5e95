/** Reactive socket for Svelte components. */
import { createSubscriber } from 'svelte/reactivity';
import type { Refused, SocketError } from './errors.js';
import type { Events } from './events.js';
import type { Endpoint, Message, Protocol } from './protocol.js';
import { Socket, type SocketOptions } from './socket.js';
import type { State, Status } from './state.js';

export interface LiveOptions extends SocketOptions {
	/** Number of messages that `messages` keeps. Default 200. */
	readonly history?: number;
	/** Connect when first read. Default true; otherwise on `open()`. */
	readonly auto?: boolean;
}

/** Options of an ephemeral endpoint: the action that returns its one-time URL, or the URL itself. */
export type TicketOptions = LiveOptions & ({ readonly action: string | URL } | { readonly url: string | URL });

interface Received<P extends Protocol> {
	readonly messages: readonly Message<P>[];
	readonly last: { readonly [K in keyof P['server']]?: P['server'][K] };
}

/** Socket with reactive state: connects when a component or effect first reads a property, and closes with the last reader. */
export class Live<P extends Protocol> extends Socket<P> {
	readonly #subscribe: () => void;
	#state = $state.raw<State>(super.state);
	#received = $state.raw<Received<P>>({ messages: [], last: {} });

	constructor(endpoint: Endpoint<P>, options: LiveOptions = {}, params?: P['params']) {
		super(endpoint, options, params);
		const { history = 200, auto = true } = options;
		this.#subscribe = createSubscriber(() => {
			if (auto) this.open();
			return () => this.close();
		});
		super.on('$state', (state) => (this.#state = state));
		super.on('$message', (message) => {
			const { type, data } = message;
			const { messages, last } = this.#received;
			const previous = endpoint.server[type]!.volatile ? messages.filter((other) => other.type !== type) : messages;
			this.#received = { messages: [...previous, message].slice(-history || Infinity), last: { ...last, [type]: data } };
		});
	}

	override get state(): State {
		this.#subscribe();
		return this.#state;
	}
	get status(): Status {
		return this.state.status;
	}
	/** True while the connection is open. */
	get connected(): boolean {
		return this.status === 'open';
	}
	/** Error that ended the last connection or prevented it. */
	get error(): SocketError | undefined {
		return this.state.error;
	}
	/** Number of failed attempts since the last stable connection. */
	get attempt(): number {
		return this.state.attempt;
	}
	/** Time of the next attempt while `waiting`, in milliseconds since 1970. */
	get retryAt(): number | undefined {
		return this.state.retryAt;
	}
	/** True if the server uses a different version of the protocol than this page, so that a reload may help. */
	get outdated(): boolean | undefined {
		return this.state.outdated;
	}
	/** After a reconnect: true if every missed message was sent again; undefined until it is known. */
	get recovered(): boolean | undefined {
		return this.state.recovered;
	}
	/** Number of messages that were sent and that the server has not confirmed. */
	get unconfirmed(): number {
		return this.state.unconfirmed;
	}
	/** Last error that the server sent, except for requests. */
	get lastRefusal(): Refused | undefined {
		return this.state.lastRefusal;
	}
	/** Newest messages, oldest first; only the newest one of each volatile type. */
	get messages(): readonly Message<P>[] {
		this.#subscribe();
		return this.#received.messages;
	}
	/** Newest data of each message type. */
	get last(): Received<P>['last'] {
		this.#subscribe();
		return this.#received.last;
	}

	/** Connect, and stay connected until `close()` or until the last reader is destroyed. Does nothing outside a browser. */
	override reconnect(): void {
		if (typeof document === 'object') super.reconnect();
	}

	/**
	 * Call `listener` for each `name`; within an effect, this counts as a reader.
	 *
	 * @returns A function that removes the listener.
	 */
	override on<K extends keyof Events<P> & string>(name: K, listener: (data: Events<P>[K]) => void): () => void {
		this.#subscribe();
		return super.on(name, listener);
	}
}
