/** Answers to the requests of the server. */
import { Refused } from './errors.js';
import type { Answer, Frame, Protocol, Question } from './protocol.js';
import type { Socket } from './socket.js';

/**
 * Answer the requests `name` of the server with what `reply` returns, or resolves to. If it throws, the server gets an error:
 * the code and words of a `Refused`, else `internal`.
 *
 * @returns how to stop.
 */
export type AnswerWith<P extends Protocol> = <K extends keyof P['asks'] & string>(
	name: K,
	reply: (data: Question<P['asks'][K]>) => Answer<P['asks'][K]> | Promise<Answer<P['asks'][K]>>,
) => () => void;

export function answers<P extends Protocol>(socket: Socket<P>): AnswerWith<P> {
	const replies = new Map<string, (data: any) => unknown>();
	let connections = 0;
	socket.on('$state', () => connections++);
	socket.on('$ask', async ({ type, id, data }) => {
		const connection = connections;
		const frame = await answer(type, data);
		// Ids belong to a connection: another one must not get this answer.
		if (connection === connections) socket.put({ ...frame, re: id! });
	});

	async function answer(type: string, data: unknown): Promise<Frame> {
		try {
			const reply = replies.get(type);
			if (!reply) throw new Refused({ code: 'unknown_message', message: 'this page does not answer it' });
			const frame = JSON.parse(JSON.stringify({ type, data: await reply(data) }));
			const issue = socket.endpoint.server[type]!.reply!(frame.data, '');
			if (issue) throw new TypeError(`wrong answer to ${type}: ${issue.message} at "${issue.pointer}"`);
			return frame;
		} catch (error) {
			if (!(error instanceof Refused)) reportError(error);
			const { code, message } = error instanceof Refused ? error : { code: 'internal', message: 'the page failed to answer' };
			return { type: '$error', data: { code, message } };
		}
	}

	return (name, reply) => {
		replies.set(name, reply);
		return () => {
			if (replies.get(name) === reply) replies.delete(name);
		};
	};
}
