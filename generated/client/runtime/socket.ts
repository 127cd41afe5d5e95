/** The typed messages of one endpoint over a connection; knows nothing of Svelte. */
import { address, socketUrl } from './address.js';
import { InvalidMessage, Refused, SocketError } from './errors.js';
import { inbox } from './inbox.js';
import { Link, SUBPROTOCOL, type Hello, type LinkOptions, type State } from './link.js';
import { ticket, type Ticket } from './ticket.js';
import type { Check, Data, Endpoint, Frame, Message, MessageType, Protocol } from './protocol.js';

export interface SocketOptions extends LinkOptions {
	/** Connect exactly there; relative to the page. */
	readonly url?: string | URL;
	/** Where the server is, such as `https://example.org/`; default: where the page came from. */
	readonly base?: string | URL;
	/** POST there before every attempt; the answer tells where to connect. */
	readonly action?: string | URL;
	/** Options of that POST, such as headers or a body. */
	readonly init?: RequestInit;
	/** Subprotocols to offer instead of ours. */
	readonly protocols?: readonly string[];
}

/** What `on` can listen to: the server's messages, and what happens to the connection. */
export type Events<P extends Protocol> = P['server'] & {
	/** Any message. */
	readonly $message: Message<P>;
	/** The state changed. */
	readonly $status: State;
	/** The server refused something that was sent and is no request. */
	readonly $error: Refused;
	/** A frame of the server was refused here. */
	readonly $invalid: Refused;
};

/** A request that waits for its answer. */
export interface Call {
	readonly check: Check | undefined;
	/** More than one answer may come. */
	readonly many?: boolean;
	next(data: any): void;
	end(error?: Error): void;
}

/** What requests, streams, answers and resumption need of a socket, and nobody else. */
export interface Inside {
	readonly endpoint: Endpoint<any>;
	/** Send a request. @returns how to say that the answer is not wanted any more. */
	ask(name: string, data: unknown, call: Call): () => void;
	write(frame: Frame, lasting?: boolean): boolean;
	/** Takes the requests of the server. */
	asked?: (frame: Frame, type: MessageType) => void;
	/** The first frames of a connection, before all others. */
	greet?: (hello: Hello) => readonly Frame[];
	/** Takes the sequence number of each message that has one. */
	saw?: (seq: number) => void;
}

export let inside: <P extends Protocol>(socket: Socket<P>) => Inside;

/** Deeper values than this are refused. */
const DEPTH = 200;

export class Socket<P extends Protocol> extends Link implements AsyncIterable<Message<P>> {
	readonly #endpoint: Endpoint<P>;
	readonly #options: SocketOptions & { readonly params?: object | undefined };
	readonly #calls = new Map<number, Call & { readonly frame: Frame }>();
	readonly #listeners = new Map<string, Set<(data: any) => void>>();
	readonly #warned = new Set<string>();
	readonly #inside: Inside;
	#ids = 0;

	static {
		inside = (socket) => socket.#inside;
	}

	constructor(endpoint: Endpoint<P>, options: SocketOptions & { readonly params?: P['params'] }) {
		super(options);
		this.#endpoint = endpoint;
		this.#options = options;
		this.#inside = {
			endpoint,
			ask: (name, data, call) => this.#ask(name, data, call),
			write: (frame, lasting) => this.write(frame, lasting),
		};
	}

	/**
	 * Send a message; without a connection it is kept for the next one, unless it is volatile.
	 *
	 * @returns whether it was written now.
	 * @throws InvalidMessage if the schema refuses it.
	 * @throws SocketError if the connection is closed for good, or too much is kept already.
	 */
	send<K extends keyof P['client'] & string>(name: K, ...[data]: Data<P['client'][K]>): boolean {
		return this.write(this.#frame(name, data), !this.#endpoint.client[name]!.volatile);
	}

	/** Call `listener` for each `name`. @returns how to stop. */
	on<K extends keyof Events<P> & string>(name: K, listener: (data: Events<P>[K]) => void): () => void {
		return this.#listen(name, listener);
	}

	/** Every message from now on. Ends at `close()`; throws when the connection is given up, or the reader is too slow. */
	[Symbol.asyncIterator](): AsyncGenerator<Message<P>, void, void> {
		return inbox(({ push, end }) => {
			const stop = [
				this.#listen('$message', push),
				this.#listen('$status', ({ status, error }: State) => {
					if (status === 'idle' || status === 'closed') end(error);
				}),
			];
			return () => stop.forEach((off) => off());
		});
	}

	protected override async target(signal: AbortSignal): Promise<Ticket> {
		const { url, action, init, params, base, protocols = [SUBPROTOCOL] } = this.#options;
		const found: Ticket = action === undefined ? { url: '' } : await ticket(action, init, signal);
		const where = found.url || (url ?? address(this.#endpoint, params, base));
		return { url: socketUrl(where, globalThis.location?.href).href, protocols: found.protocols ?? protocols };
	}

	protected override greet(hello: Hello): readonly Frame[] {
		const outdated = hello.contract !== this.#endpoint.contract;
		if (outdated) this.#warn('outdated', `the server speaks another version of "${this.#endpoint.name}" than this page`);
		this.note({ outdated });
		return this.#inside.greet?.(hello) ?? [];
	}

	protected override changed(now: State, _before: State): void {
		this.#tell('$status', now);
	}

	protected override lost(error: SocketError, unsent: readonly Frame[]): void {
		for (const [id, call] of this.#calls) {
			if (!unsent.includes(call.frame) && this.#calls.delete(id)) call.end(error);
		}
	}

	protected override receive(data: unknown): void {
		try {
			this.#take(parse(data));
		} catch (error) {
			const refused = error instanceof Refused ? error : new Refused({ code: 'malformed_json', message: 'expected JSON' });
			this.#warn(refused.code, `refused what the server sent: ${refused.message}`);
			this.#tell('$invalid', refused);
		}
	}

	#take(frame: Frame): void {
		const { type, data, re, seq } = frame;
		const call = this.#calls.get(re!);
		if (call) {
			const issue = type[0] === '$' ? undefined : verdict(call.check, data);
			if (issue || type[0] === '$' || !call.many) this.#calls.delete(re!);
			if (issue) call.end(new InvalidMessage(type, issue));
			else if (type === '$error') call.end(new Refused(data));
			else if (type === '$end') call.end();
			else call.next(data);
		} else if (type === '$hello') this.welcome(data);
		else if (type === '$ping') this.pong();
		else if (type === '$resumed') this.note({ recovered: data.recovered });
		else if (type === '$error') this.#tell('$error', new Refused(data));
		else if (type[0] !== '$' && re === undefined) {
			const known = Object.hasOwn(this.#endpoint.server, type) && this.#endpoint.server[type];
			if (!known) throw new Refused({ code: 'unknown_message', message: 'unknown message' });
			const issue = verdict(known.data, data);
			if (issue) throw new InvalidMessage(type, issue);
			if (seq !== undefined) this.#inside.saw?.(seq);
			if (known.reply) return this.#inside.asked?.(frame, known);
			this.#tell(type, data);
			this.#tell('$message', frame);
		}
	}

	/** The frame of a message, as the server will read it. */
	#frame(name: string, data: unknown): Frame {
		const text = JSON.stringify(data) as string | undefined;
		const sent = text === undefined ? undefined : JSON.parse(text);
		const issue = verdict(this.#endpoint.client[name]!.data, sent);
		if (issue) throw new InvalidMessage(name, issue);
		return { type: name, data: sent };
	}

	#ask(name: string, data: unknown, call: Call): () => void {
		const id = ++this.#ids;
		const frame = { ...this.#frame(name, data), id };
		this.#calls.set(id, { ...call, frame });
		try {
			this.write(frame);
		} catch (error) {
			this.#calls.delete(id);
			throw error;
		}
		return () => {
			if (this.#calls.delete(id) && !this.unsend(frame)) this.write({ type: '$cancel', re: id }, false);
		};
	}

	#listen(name: string, listener: (data: any) => void): () => void {
		const listeners = this.#listeners.get(name) ?? new Set();
		this.#listeners.set(name, listeners.add(listener));
		return () => void listeners.delete(listener);
	}

	#tell(name: string, data: unknown): void {
		for (const listener of [...(this.#listeners.get(name) ?? [])]) {
			try {
				listener(data);
			} catch (error) {
				reportError(error); // the others still hear it
			}
		}
	}

	#warn(kind: string, text: string): void {
		if (!this.#warned.has(kind)) console.warn(text);
		this.#warned.add(kind);
	}
}

function parse(text: unknown): Frame {
	if (typeof text !== 'string') throw new Refused({ code: 'unsupported_frame', message: 'expected text' });
	const frame = JSON.parse(text);
	if (text.length > DEPTH && isDeeper(frame, DEPTH)) throw new Refused({ code: 'too_deep', message: 'nested too deep' });
	return frame;
}

/** Why data is not what a slot wants; a slot without a check wants none. */
function verdict(check: Check | undefined, data: unknown): ReturnType<Check> {
	if (data === undefined ? check : !check) return { pointer: '', keyword: check ? 'required' : 'data' };
	return check?.(data, '');
}

const isDeeper = (value: unknown, levels: number): boolean =>
	typeof value === 'object' && value !== null && (!levels || Object.values(value).some((each) => isDeeper(each, levels - 1)));
