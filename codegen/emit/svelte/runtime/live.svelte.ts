/** A socket whose state and messages can be read in a component. */
import { createSubscriber } from 'svelte/reactivity';
import type { Refused, SocketError } from './errors.js';
import type { State, Status } from './link.js';
import type { Endpoint, Message, Protocol } from './protocol.js';
import { Socket, type Events, type SocketOptions } from './socket.js';

export interface LiveOptions extends SocketOptions {
	/** How many messages `messages` holds. Default 200. */
	readonly keep?: number;
	/** Whether to connect when first read. Default true; else on `open()`. */
	readonly auto?: boolean;
}

/** Connects when a component, or an effect, first reads one of its properties, and leaves when the last reader is gone. */
export class Live<P extends Protocol> extends Socket<P> {
	readonly #read: () => void;
	#state = $state.raw<State>(super.state);
	#messages = $state.raw<readonly Message<P>[]>([]);
	#last = $state.raw<{ readonly [K in keyof P['server']]?: P['server'][K] }>({});
	#refusal = $state.raw<Refused>();

	constructor(endpoint: Endpoint<P>, { keep = 200, auto = true, ...options }: LiveOptions & { readonly params?: P['params'] }) {
		super(endpoint, options);
		this.#read = createSubscriber(() => {
			if (auto) this.open();
			return () => this.close();
		});
		super.on('$error', (refused) => (this.#refusal = refused));
		super.on('$message', (message) => {
			const kept = [...this.#messages, message];
			while (kept.length > keep) {
				// The first volatile one goes, else the oldest.
				const first = kept.findIndex(({ type }) => endpoint.server[type]!.volatile);
				kept.splice(Math.max(first, 0), 1);
			}
			this.#messages = kept;
			this.#last = { ...this.#last, [message.type]: message.data };
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
	get outdated(): boolean {
		return this.state.outdated ?? false;
	}
	/** After a reconnect: whether all that was missed has been sent again. */
	get recovered(): boolean | undefined {
		return this.state.recovered;
	}
	/** What the server refused last, requests excepted. */
	get lastRefusal(): Refused | undefined {
		this.#read();
		return this.#refusal;
	}
	/** The newest messages, oldest first. */
	get messages(): readonly Message<P>[] {
		this.#read();
		return this.#messages;
	}
	/** The newest data of each message. */
	get last(): { readonly [K in keyof P['server']]?: P['server'][K] } {
		this.#read();
		return this.#last;
	}

	/** Call `listener` for each `name`; in an effect, this is reading. @returns how to stop. */
	override on<K extends keyof Events<P> & string>(name: K, listener: (data: Events<P>[K]) => void): () => void {
		this.#read();
		return super.on(name, listener);
	}

	protected override changed(now: State, before: State): void {
		this.#state = now;
		super.changed(now, before);
	}
}
