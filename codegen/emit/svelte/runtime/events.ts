/** Events of a socket. */
import type { Refused } from './errors.js';
import type { Frame, Hello, Message, Protocol } from './protocol.js';
import type { State } from './state.js';

/** Messages that the server has not confirmed, oldest first. */
export type Unconfirmed<P extends Protocol> = readonly {
	[K in keyof P['client'] & string]: { readonly type: K; readonly data: P['client'][K] };
}[keyof P['client'] & string][];

/** Metadata of the devices of one user, at least one. */
export type Devices<T> = readonly [T, ...T[]];

/** Users whose devices have changed, by key. */
export interface PresenceChange<T> {
	/** Users who have come, with the metadata of their devices. */
	readonly joined: ReadonlyMap<string, Devices<T>>;
	/** Users who have left, with the last metadata of their devices. */
	readonly left: ReadonlyMap<string, Devices<T>>;
	/** Users with other devices or metadata. */
	readonly updated: ReadonlyMap<string, Devices<T>>;
}

/** Data of each event, by name: messages from the server, and events of the connection. */
export type Events<P extends Protocol> = P['server'] & {
	/** Any message from the server. */
	readonly $message: Message<P>;
	/** Change of the state. */
	readonly $state: State;
	/** Error that the server sent, except for requests. */
	readonly $error: Refused;
	/** Error for an invalid frame from the server. */
	readonly $invalid: Refused;
	/** First frame of a connection, before anything is sent. */
	readonly $hello: Hello;
	/** Messages that the server has not confirmed, when their connection ends; the newest 1024 frames at most. */
	readonly $unconfirmed: Unconfirmed<P>;
	/** End of the resumption of a channel; `recovered` is false if messages are lost. */
	readonly $resumed: { readonly channel: string; readonly recovered: boolean };
	/** New position of a channel while connected: messages are lost. */
	readonly $reset: { readonly channel: string };
	/** Change of the presence in the rooms of the connection. */
	readonly $presence: PresenceChange<P['presence']>;
	/** Request from the server. */
	readonly $request: Frame;
};
