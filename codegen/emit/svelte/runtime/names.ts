/** Names of messages and events that callers use; types do not check those of JavaScript. */
import { isDevelopment } from './development.js';
import { InvalidMessage } from './errors.js';
import { unknownName } from './near-names.js';
import type { Endpoint, MessageType } from './protocol.js';

/** Method of a client that takes a name. */
export type Method = 'send' | 'deliver' | 'request' | 'stream' | 'on' | 'answer';

const EVENTS = ['$message', '$state', '$error', '$invalid', '$hello', '$unconfirmed', '$resumed', '$reset', '$presence', '$request'];

/**
 * Check the name that a method takes. Builds accept all names of events, which begin with `$`.
 *
 * @throws InvalidMessage if the endpoint has no message or event of this name for this method.
 */
export function requireName(endpoint: Endpoint<any>, method: Method, name: string): void {
	const isReceived = method === 'answer' || method === 'on';
	const messages = endpoint[isReceived ? 'server' : 'client'];
	const methodOf = ({ acknowledged, reply, stream }: MessageType): Method =>
		reply ? (isReceived ? 'answer' : 'request') : isReceived ? 'on' : stream ? 'stream' : acknowledged ? 'deliver' : 'send';
	const found = Object.hasOwn(messages, name) && methodOf(messages[name]!);
	if (found === method || (method === 'on' && (isDevelopment ? EVENTS.includes(name) : /^\$./.test(name)))) return;
	const known = isDevelopment ? Object.keys(messages).filter((message) => methodOf(messages[message]!) === method) : [];
	if (isDevelopment && method === 'on') known.push(...EVENTS);
	throw new InvalidMessage({
		code: 'unknown_message',
		type: name,
		message:
			isDevelopment && !found
				? `${endpoint.name}.${method}: ${unknownName(name, known)}`
				: `${endpoint.name}.${method}: ${name} ${found ? `needs ${found}` : 'is unknown'}`,
	});
}
