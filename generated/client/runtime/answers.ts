/** Answers to the requests of the server. */
import { Refused } from './errors.js';
import type { Answer, Frame, Protocol } from './protocol.js';
import { inside, type Socket } from './socket.js';

type Question<T> = T extends readonly [infer D, unknown] ? D : never;
type Reply = (data: any) => unknown;

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
	const replies = new Map<string, Reply>();
	const own = inside(socket);
	own.asked = async ({ type, id, data }, { reply: check }) => {
		const connection = socket.state.connection;
		let answer: Omit<Frame, 're'>;
		try {
			const reply = replies.get(type);
			if (!reply) throw new Refused({ code: 'unknown_message', message: 'this page does not answer it' });
			const value = await reply(data);
			const issue = check?.(value, '');
			if (issue) throw new TypeError(`the answer to ${type} is not what the schema says: ${issue.keyword} at "${issue.pointer}"`);
			answer = { type, data: value };
		} catch (error) {
			if (!(error instanceof Refused)) reportError(error);
			const { code, message } = error instanceof Refused ? error : { code: 'internal', message: 'the page failed to answer' };
			answer = { type: '$error', data: { code, message } };
		}
		// Ids belong to a connection: another one must not get this answer.
		if (connection === socket.state.connection) own.write({ ...answer, re: id! }, false);
	};
	return (name, reply) => {
		replies.set(name, reply);
		return () => {
			if (replies.get(name) === reply) replies.delete(name);
		};
	};
}
