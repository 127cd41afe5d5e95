/** Replies to requests from the server. */
import { Refused } from './errors.js';
import { requireName } from './names.js';
import type { Frame, Protocol, RequestData, ResponseData } from './protocol.js';
import type { Socket } from './socket.js';

export interface AnswerOptions {
	/** Aborted when the server cancels the request, such as after its time, or when the connection ends. */
	readonly signal: AbortSignal;
}

/**
 * Answer requests named `name` with the result of `handler`, or with the value that its promise resolves to. If it throws, the
 * server receives an error: the code and message of a `Refused`, otherwise `internal`. Once `signal` is aborted, the result is
 * dropped. A later handler for `name` replaces this one, with a warning.
 *
 * @returns A function that removes the handler.
 */
export type Answer<P extends Protocol> = <K extends keyof P['serverRequests'] & string>(
	name: K,
	handler: (
		data: RequestData<P['serverRequests'][K]>,
		options: AnswerOptions,
	) => ResponseData<P['serverRequests'][K]> | Promise<ResponseData<P['serverRequests'][K]>>,
) => () => void;

export function replies<P extends Protocol>(socket: Socket<P>): Answer<P> {
	const handlers = new Map<string, (data: any, options: AnswerOptions) => unknown>();
	const running = new Map<number, AbortController>();
	const abort = (id: number): void => {
		running.get(id)?.abort();
		running.delete(id);
	};
	const receive = socket.receiveFrame.bind(socket);
	socket.receiveFrame = (frame) => (frame?.type === '$cancel' ? abort(frame.id!) : receive(frame));
	socket.listen('$state', ({ status }) => {
		// Ids are unique within a connection only, so no other connection may carry these replies.
		if (status !== 'open') for (const id of running.keys()) abort(id);
	});
	socket.listen('$request', ({ type, id, data }) => void answer(type, id!, data));

	async function answer(type: string, id: number, data: unknown): Promise<void> {
		const controller = new AbortController();
		running.set(id, controller);
		const frame = await reply(type, data, controller.signal);
		if (controller.signal.aborted) return;
		running.delete(id);
		socket.sendFrame({ ...frame, re: id });
	}

	async function reply(type: string, data: unknown, signal: AbortSignal): Promise<Frame> {
		try {
			const handler = handlers.get(type);
			if (!handler) throw new Refused({ code: 'unknown_message', message: 'this page does not answer it' });
			const frame = socket.json.parse(socket.json.stringify({ type, data: await handler(data, { signal }) }));
			const issue = socket.endpoint.server[type]!.reply!(frame.data, '');
			if (issue) throw new TypeError(`reply to ${type}${issue.pointer}: ${issue.message}`);
			return frame;
		} catch (error) {
			if (!(error instanceof Refused || (signal.aborted && error === signal.reason))) reportError(error);
			const { code, message } = error instanceof Refused ? error : { code: 'internal', message: 'the page failed to answer' };
			return { type: '$error', data: { code, message } };
		}
	}

	return (name, handler) => {
		requireName(socket.endpoint, 'answer', name);
		if (handlers.has(name)) console.warn(socket.endpoint.name, `has another handler that answers ${name}; it is replaced`);
		handlers.set(name, handler);
		return () => {
			if (handlers.get(name) === handler) handlers.delete(name);
		};
	};
}
