/** Names of messages and events that callers use; types do not check those of JavaScript. */
import { isDevelopment } from './development.js';
import { InvalidMessage } from './errors.js';
import { unknownName } from './near-names.js';
import type { Endpoint, MessageType } from './protocol.js';

/** Method of a client that takes a name. */
export type Method = 'send' | 'deliver' | 'request' | 'stream' | 'on' | 'answer';

const EVENTS = ['$message', '$state', '$error', '$invalid', '$hello', '$unconfirmed', '$resumed', '$reset', '$request'];

/** @throws InvalidMessage if the endpoint has no message or event of this name for this method. */
export function requireName({ name: endpoint, client, server }: Endpoint<any>, method: Method, name: string): void {
	const isReceived = method === 'on' || method === 'answer';
	const messages = isReceived ? server : client;
	const methodOf = (message: string): Method => (isReceived ? receiver(messages[message]!) : sender(messages[message]!));
	const found = Object.hasOwn(messages, name) ? methodOf(name) : undefined;
	if (found === method || (method === 'on' && EVENTS.includes(name))) return;
	let text = `unknown name ${name}`;
	if (isDevelopment) {
		const known = Object.keys(messages).filter((message) => methodOf(message) === method);
		text = found ? `${name} belongs to the method ${found}` : unknownName(name, [...known, ...(method === 'on' ? EVENTS : [])]);
	}
	throw new InvalidMessage({ code: 'unknown_message', type: name, message: `${endpoint}.${method}: ${text}` });
}

const sender = ({ acknowledged, reply, stream }: MessageType): Method =>
	acknowledged ? 'deliver' : reply ? 'request' : stream ? 'stream' : 'send';

const receiver = ({ reply }: MessageType): Method => (reply ? 'answer' : 'on');
