/** Sizes of messages: none is sent that is larger than the server accepts. */
import { InvalidMessage } from './errors.js';
import type { Protocol } from './protocol.js';
import type { Socket } from './socket.js';

/** Throw `too_big` for messages that the server would refuse for their size. */
export function sizes<P extends Protocol>(socket: Socket<P>): void {
	const encode = socket.encode.bind(socket);
	socket.encode = (type, data, members) => {
		const frame = encode(type, data, members);
		const expected = socket.endpoint.messageBytes!;
		const text = socket.json.stringify(frame);
		if (text.length * 3 > expected && new Blob([text]).size > expected)
			throw new InvalidMessage({ code: 'too_big', expected, message: `${type}: expected at most ${expected} bytes` });
		return frame;
	};
}
