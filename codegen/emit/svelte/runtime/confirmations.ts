/** Confirmation of messages: the server counts the frames of a connection, and the page requests the count. */
import type { Unconfirmed } from './events.js';
import type { Frame, Protocol } from './protocol.js';
import type { Socket } from './socket.js';

/** Milliseconds from a message to the request for its confirmation, so that bursts share one request. */
const CONFIRM_AFTER = 100;
/** Milliseconds between two requests for confirmation. */
const CONFIRM_EVERY = 1000;
/** Maximum number of frames remembered until they are confirmed. */
const MAX_FRAMES = 1024;

/**
 * Count the messages that are sent and not confirmed, in the state `unconfirmed`. When their connection ends, emit `$unconfirmed`.
 *
 * Requests and acknowledged messages are not counted, because their promises reject; volatile messages may get lost anyway.
 */
export function confirmations<P extends Protocol>(socket: Socket<P>, listener?: (messages: Unconfirmed<P>) => void): void {
	/** Newest of the frames that were sent on this connection and are not confirmed. */
	let frames: Frame[] = [];
	/** Numbers of frames sent on this connection, and confirmed. */
	let sent = 0;
	let confirmed = 0;
	/** True while a connection is open on which the server counts frames. */
	let isCounting = false;
	/** Value in the state; the one of the last connection until the next one is open. */
	let current = 0;
	let timer: ReturnType<typeof setTimeout> | undefined;
	const send = socket.sendFrame.bind(socket);
	const receive = socket.receiveFrame.bind(socket);

	if (listener) socket.listen<'$unconfirmed'>('$unconfirmed', listener);
	socket.listen('$hello', () => {
		isCounting = true;
		count();
	});
	socket.listen('$state', ({ status }) => {
		if (isCounting && status !== 'open' && status !== 'connecting') end();
	});
	socket.sendFrame = (frame) => {
		send(frame);
		if (!isCounting) return;
		sent++;
		if (frames.push(frame) > MAX_FRAMES) frames.shift();
		timer ??= setTimeout(confirm, CONFIRM_AFTER);
	};
	socket.receiveFrame = (frame) => {
		if (frame?.type !== '$pong') return receive(frame);
		confirmed = frame.data?.received ?? 0; // other servers do not count
		frames.splice(0, frames.length - (sent - confirmed));
		count();
	};

	/** Update the state; return the newest of the messages. */
	function count(): Frame[] {
		const messages = frames.filter(
			({ type, id, re }) => id === re && type[0] !== '$' && !socket.endpoint.client[type]!.volatile,
		);
		const unconfirmed = sent - confirmed - frames.length + messages.length;
		if (unconfirmed !== current) socket.update({ unconfirmed: (current = unconfirmed) });
		return messages;
	}

	function confirm(): void {
		const isOpen = count().length > 0;
		timer = isOpen ? setTimeout(confirm, CONFIRM_EVERY) : undefined;
		if (isOpen) socket.sendFrame({ type: '$ping' });
	}

	function end(): void {
		isCounting = false;
		const messages = count();
		frames = [];
		sent = confirmed = 0;
		clearTimeout(timer);
		timer = undefined;
		if (messages.length) socket.emit('$unconfirmed', messages);
	}
}
