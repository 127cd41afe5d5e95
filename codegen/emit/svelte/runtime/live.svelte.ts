/** A socket whose state and messages can be read in a component. */
import { createSubscriber } from 'svelte/reactivity';
import type { Refused, SocketError } from './errors.js';
import type { Endpoint, Message, Protocol } from './protocol.js';
import { Socket, type Events, type SocketOptions, type State, type Status } from './socket.js';

export interface LiveOptions extends SocketOptions {
	/** How many messages `messages` holds. Default 200. */
	readonly keep?: number;
	/** Whether to connect when first read. Default true; else on `open()`. */
	readonly auto?: boolean;
}

/** Options of an ephemeral endpoint: something must say where the one-time URL comes from. */
export type TicketOptions = LiveOptions & ({ readonly action: string | URL } | { readonly url: string | URL });

interface Heard<P extends Protocol> {
	readonly messages: readonly Message<P>[];
	readonly last: { readonly [K in keyof P['server']]?: P['server'][K] };
}

/** Connects when a component, or an effect, first reads one of its properties, and leaves when the last reader is gone. */
export class Live<P extends Protocol> extends Socket<P> {
	readonly #read: () => void;
	#state = $state.raw<State>(super.state);
	#heard = $state.raw<Heard<P>>({ messages: [], last: {} });

	constructor(endpoint: Endpoint<P>, options: LiveOptions = {}, params?: P['params']) {
		super(endpoint, options, params);
		const { keep = 200, auto = true } = options;
		this.#read = createSubscriber(() => {
			if (auto) this.open();
			return () => this.close();
		});
		super.on('$state', (state) => (this.#state = state));
		super.on('$message', (message) => {
			const { type, data } = message;
			const { messages, last } = this.#heard;
			const before = endpoint.server[type]!.volatile ? messages.filter((each) => each.type !== type) : messages;
			this.#heard = { messages: [...before, message].slice(-keep || Infinity), last: { ...last, [type]: data } };
		});
	}

	override get state(): State {
		this.#read();
		return this.#state;
	}
	get status(): Status {
		return this.state.status;
	}
	get connected(): boolean {
		return this.status === 'open';
	}
	/** Why there is no connection. */
	get error(): SocketError | undefined {
		return this.state.error;
	}
	/** Attempts that failed since the last good connection. */
	get attempt(): number {
		return this.state.attempt;
	}
	/** When the next attempt is due while `waiting`, in milliseconds since 1970. */
	get retryAt(): number | undefined {
		return this.state.retryAt;
	}
	/** The server speaks another version of this protocol than this page: offer a reload. */
	get outdated(): boolean | undefined {
		return this.state.outdated;
	}
	/** After a reconnect: whether all that was missed has been sent again. */
	get recovered(): boolean | undefined {
		return this.state.recovered;
	}
	/** What the server refused last, requests excepted. */
	get lastRefusal(): Refused | undefined {
		return this.state.lastRefusal;
	}
	/** The newest messages, oldest first; of volatile ones the newest only. */
	get messages(): readonly Message<P>[] {
		this.#read();
		return this.#heard.messages;
	}
	/** The newest data of each message. */
	get last(): Heard<P>['last'] {
		this.#read();
		return this.#heard.last;
	}

	/** Connect, and stay connected until `close()` or until the last reader is gone; where there is no page, do nothing. */
	override reconnect(): void {
		if (typeof document === 'object') super.reconnect();
	}

	/** Call `listener` for each `name`; in an effect, this is reading. @returns how to stop. */
	override on<K extends keyof Events<P> & string>(name: K, listener: (data: Events<P>[K]) => void): () => void {
		this.#read();
		return super.on(name, listener);
	}
}
