/** Messages with `bigint` in their types; other endpoints do not import this module. */
import { exactJson, plain } from './exact-values.js';
import type { Frame, PayloadValidator, Protocol } from './protocol.js';
import type { Socket } from './socket.js';

/** Parse and write frames with exact integers, and give received data their TypeScript types. */
export function bigints<P extends Protocol>(socket: Socket<P>): void {
	const { client, server } = socket.endpoint;
	const emit = socket.emit.bind(socket);
	const receive = socket.receiveFrame.bind(socket);
	const sendRequest = socket.sendRequest.bind(socket);
	const decoded = (frame: Frame, validator: PayloadValidator | undefined): Frame =>
		validator ? { ...frame, data: validator.decode!(frame.data) } : frame;

	socket.json = exactJson;
	// Errors contain numbers, so that they can be written as JSON, except in the data of the application.
	socket.receiveFrame = (frame) => {
		if (frame?.type !== '$error' || !frame.data) return receive(frame);
		const { data, ...error } = frame.data;
		receive({ ...frame, data: { ...(plain(error) as object), ...(data !== undefined && { data }) } });
	};
	socket.emit = (name, data: any) => {
		if (Object.hasOwn(server, name)) emit(name, server[name]!.data?.decode!(data));
		else if (name === '$message' || name === '$request') emit(name, decoded(data, server[data.type]!.data));
		else if (name === '$unconfirmed') emit(name, data.map((frame: Frame) => decoded(frame, client[frame.type]!.data)));
		else emit(name, data);
	};
	socket.sendRequest = (name, data, next, end) => {
		const { reply, stream } = client[name]!;
		return sendRequest(name, data, (part, id) => next((reply ?? stream)!.decode!(part), id), end);
	};
}
