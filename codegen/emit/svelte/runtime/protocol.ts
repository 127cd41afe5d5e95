/** Types shared by generated modules and the runtime: protocol, frames and validation issues. */

/** First violation of a schema by a value. Never contains the value. */
export interface Issue {
	/** JSON Pointer (RFC 6901) into the message's `data`. */
	readonly pointer: string;
	/** JSON Schema keyword that rejected the value. */
	readonly keyword: string;
	/** Expected value, with the same text as on the server: `expected at most 500 characters`. */
	readonly message: string;
	/** Value of the keyword in the schema, if it is short. */
	readonly expected?: unknown;
	/** In development: name of the invalid property, if the schema does not contain it. `pointer` ends at its object. */
	readonly propertyName?: string;
	/** In development: name in the schema that `propertyName` may mean. */
	readonly nearName?: string | undefined;
}

/**
 * Validator for a JSON value: returns the first issue, or undefined if the value is valid.
 *
 * @param pointer JSON Pointer of the value in the message.
 * @param evaluated Collects evaluated property names and item indices, for `unevaluated…`.
 */
export type Validator = (value: any, pointer: string, evaluated?: Set<string | number>) => Issue | undefined;

/** Function that gives a value its TypeScript type, in `exact-values.ts`. */
export type Decoder = (value: any) => unknown;

/** Validator for the data of a message. */
export interface PayloadValidator extends Validator {
	/** Returns a valid value with its TypeScript types; absent for endpoints without `bigint`. */
	readonly decode?: (value: any) => any;
}

/** `JSON`, or the codec for endpoints with `bigint`. */
export interface Codec {
	parse(text: string): any;
	stringify(value: unknown): string;
}

/** Types of the messages of an endpoint; exists at compile time only. */
export interface Protocol {
	/** Path and query parameters of a persistent endpoint. */
	readonly params: object | undefined;
	/** Plain messages to the server: name to data; `undefined` for messages without a payload. */
	readonly client: object;
	/** Messages to the server that it acknowledges: name to data. */
	readonly acknowledged: object;
	/** Requests to the server: name to `[data, reply]`. */
	readonly requests: object;
	/** Stream requests to the server: name to `[data, item]`. */
	readonly streams: object;
	/** Plain messages from the server: name to data. */
	readonly server: object;
	/** Requests from the server: name to `[data, reply]`. */
	readonly serverRequests: object;
	/** Errors of the application that any message may be refused with: code to data. */
	readonly errors?: object;
	/** Errors of the application that one message may be refused with: name to code to data. */
	readonly messageErrors?: object;
	/** Metadata of tracked devices, if the endpoint has presence. */
	readonly presence?: unknown;
}

/** Message type of an endpoint. */
export interface MessageType {
	/** Validator for `data`; absent for messages without a payload. */
	readonly data?: PayloadValidator;
	/** Validator for the reply to a request. */
	readonly reply?: PayloadValidator;
	/** Validator for each item of a stream. */
	readonly stream?: PayloadValidator;
	/** True if the message is dropped while there is no connection. */
	readonly volatile?: true;
	/** Maximum rate on one connection: number of messages, and the period in seconds. */
	readonly rate?: readonly [count: number, seconds: number];
	/** True if the message is sent until the server has acknowledged it. */
	readonly acknowledged?: true;
	/** Seconds until a request fails. */
	readonly timeout?: number;
	/** Number of messages that the server keeps in each room. */
	readonly replay?: number;
	/** JSON Pointer into the items of a stream to its position, after which it goes on. */
	readonly resume?: string;
}

/** Endpoint, as described by its schema. */
export interface Endpoint<P extends Protocol> {
	readonly name: string;
	readonly kind: 'persistent' | 'ephemeral';
	/** Route of a persistent endpoint, such as `/chat/{room}`. */
	readonly path?: string;
	/** Hash of the messages; changes whenever they change. */
	readonly contract: string;
	/** Maximum size of a message to the server, in bytes of UTF-8; absent if no valid message is larger. */
	readonly messageBytes?: number;
	readonly params?: Validator;
	/** Validator for the metadata of tracked devices. */
	readonly presence?: PayloadValidator;
	readonly client: { readonly [name: string]: MessageType };
	readonly server: { readonly [name: string]: MessageType };
	/** Validators for the data of errors, by code. */
	readonly errors?: { readonly [code: string]: PayloadValidator };
	/** Type parameter for inference; never set. */
	readonly '~protocol'?: P;
}

/** Message from the server, discriminated by `type`. */
export type Message<P extends Protocol> = {
	[K in keyof P['server'] & string]: {
		readonly type: K;
		readonly data: P['server'][K];
		/** Number in its channel, on messages that the server keeps for clients that reconnect. */
		readonly seq?: number;
	};
}[keyof P['server'] & string];

/** Arguments after the name of a message: its data, if it has a payload. */
export type MessageArguments<T> = [T] extends [undefined] ? [data?: undefined] : [data: T];

/** Arguments after the name of a request: its data, if it has a payload, and options. */
export type RequestArguments<T, Options> = [T] extends [readonly [infer D, unknown]]
	? [D] extends [undefined]
		? [data?: undefined, options?: Options]
		: [data: D, options?: Options]
	: never;

/** Data of a request. */
export type RequestData<T> = T extends readonly [infer D, unknown] ? D : never;

/** Data of a reply, or of an item of a stream. */
export type ResponseData<T> = T extends readonly [unknown, infer R] ? R : never;

/** Frame of the wire format. */
export interface Frame {
	readonly type: string;
	readonly data?: any;
	/** Identifier of a request, chosen by the sender of this frame. */
	readonly id?: number;
	/** `id` of the request that this frame answers, chosen by its receiver. */
	readonly re?: number;
	/** Random text that identifies the page, on acknowledged messages. */
	readonly session?: string;
	/** `id` of an acknowledged message of the same type that must be handled before this one. */
	readonly after?: number;
	/** Position after which a stream goes on. */
	readonly resume?: unknown;
	/** Number of the channel of a kept message on this connection. */
	readonly ch?: number;
	/** Number of a kept message in its channel. */
	readonly seq?: number;
	/** Random name of a kept message. */
	readonly mark?: string;
}

/** Data of `$hello`, the first frame of a server that supports the full protocol. */
export interface Hello {
	/** Identifier of the connection. */
	readonly connection: string;
	/** Contract of the server, and earlier ones with which a page is not outdated. */
	readonly contracts: readonly string[];
	/** Seconds between two heartbeats. */
	readonly heartbeat: number;
}
