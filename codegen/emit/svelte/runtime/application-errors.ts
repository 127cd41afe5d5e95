/** Errors of the application with data; other endpoints do not import this module. */
import type { Protocol } from './protocol.js';
import type { Socket } from './socket.js';
import { isDeeper, validate } from './validate.js';

/**
 * Validate the data of errors, and give them their TypeScript types. An error with invalid data becomes `invalid_message`; the data
 * of an error that the schema does not declare are dropped.
 */
export function applicationErrors<P extends Protocol>(socket: Socket<P>): void {
	const receive = socket.receiveFrame.bind(socket);
	socket.receiveFrame = (frame) => {
		if (frame?.type !== '$error' || !frame.data || isDeeper(frame, 200)) return receive(frame); // the socket rejects it
		const { data, ...error } = frame.data;
		const { code } = error;
		const validator = Object.hasOwn(socket.endpoint.errors!, code) ? socket.endpoint.errors![code] : undefined;
		const invalid = validator && validate(`error ${code}`, validator, data);
		if (invalid) receive({ ...frame, data: { ...invalid, message: invalid.message } });
		else receive({ ...frame, data: validator ? { ...error, data: validator.decode?.(data) ?? data } : error });
	};
}
