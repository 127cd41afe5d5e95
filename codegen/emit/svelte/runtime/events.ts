/** Events of a socket. */
import type { Refused } from './errors.js';
import type { Frame, Hello, Message, Protocol } from './protocol.js';
import type { State } from './state.js';

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
	/** Reply to `$resume`. */
	readonly $resumed: { readonly recovered: boolean };
	/** Request from the server. */
	readonly $request: Frame;
	/** `id` of a request that the server has cancelled. */
	readonly $cancel: number;
};
