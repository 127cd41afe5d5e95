/** What a generated module states about one endpoint, and what can go wrong with a message. */

/** Why a value does not fit its schema. Never holds the value. */
export interface Issue {
	/** Where, as a JSON Pointer (RFC 6901) into the message's `data`. */
	readonly pointer: string;
	/** The JSON Schema keyword that refused it. */
	readonly keyword: string;
	/** What is wanted, in the words of the server: `expected at most 500 characters`. */
	readonly message: string;
	/** What the keyword wants: its value in the schema, where that is short. */
	readonly expected?: unknown;
}

/** The first issue of a value, or undefined if it fits. `seen` collects evaluated names and indices for `unevaluated…`. */
export type Check = (value: any, pointer: string, seen?: Set<string | number>) => Issue | undefined;

/** How the types of an endpoint hang together; only types, never a value. */
export interface Protocol {
	/** Path and query parameters of a persistent endpoint. */
	readonly params: object | undefined;
	/** Plain messages to the server: name to data; `undefined` where a message carries none. */
	readonly client: object;
	/** Requests to the server: name to `[data, reply]`. */
	readonly requests: object;
	/** Requests to the server that a stream answers: name to `[data, item]`. */
	readonly streams: object;
	/** Plain messages from the server: name to data. */
	readonly server: object;
	/** Requests from the server: name to `[data, reply]`. */
	readonly asks: object;
}

/** One message of an endpoint. */
export interface MessageType {
	/** Checks `data`; absent where the message carries none. */
	readonly data?: Check;
	readonly reply?: Check;
	readonly stream?: Check;
	/** Not kept while there is no connection. */
	readonly volatile?: true;
	/** The server keeps it for clients that come back. */
	readonly replay?: true;
}

/** One endpoint, as its schema describes it. */
export interface Endpoint<P extends Protocol> {
	readonly name: string;
	readonly kind: 'persistent' | 'ephemeral';
	/** Route of a persistent endpoint, such as `/chat/{room}`. */
	readonly path?: string;
	/** Changes whenever the messages do. */
	readonly contract: string;
	readonly params?: Check;
	readonly client: { readonly [name: string]: MessageType };
	readonly server: { readonly [name: string]: MessageType };
	/** Only carries types; never set. */
	readonly '~protocol'?: P;
}

/** A message from the server: `type` tells which. */
export type Message<P extends Protocol> = {
	[K in keyof P['server'] & string]: {
		readonly type: K;
		readonly data: P['server'][K];
		/** Grows with every message that the server keeps for clients that come back. */
		readonly seq?: number;
	};
}[keyof P['server'] & string];

/** The arguments that follow the name of a message: its data, if it carries any. */
export type Data<T> = [T] extends [undefined] ? [data?: undefined] : [data: T];

/** The arguments that follow the name of a request: its data, if it carries any, and options. */
export type Asking<T, Options> = [T] extends [readonly [infer D, unknown]]
	? [D] extends [undefined]
		? [data?: undefined, options?: Options]
		: [data: D, options?: Options]
	: never;

/** What a request carries. */
export type Question<T> = T extends readonly [infer D, unknown] ? D : never;

/** What answers a request. */
export type Answer<T> = T extends readonly [unknown, infer A] ? A : never;

/** One frame on the wire. */
export interface Frame {
	readonly type: string;
	readonly data?: any;
	/** Chosen by who asks. */
	readonly id?: number;
	/** The `id` that this answers. */
	readonly re?: number;
	readonly seq?: number;
}

/** The first frame of a server that was asked for the whole protocol. */
export interface Hello {
	/** The server's name for this connection. */
	readonly connection: string;
	readonly contract: string;
	/** Names the run of sequence numbers. */
	readonly epoch: string;
	/** The newest of these numbers. */
	readonly seq: number;
	/** Seconds between two signs of life. */
	readonly heartbeat: number;
}
