/** Resumption: ask for the messages that were missed while there was no connection. */
import { inside, type Socket } from './socket.js';

/** Remember the highest sequence number, and begin every later connection with it. */
export function resume(socket: Socket<any>): void {
	let known: string | undefined;
	let highest = 0;
	const own = inside(socket);
	own.saw = (seq) => {
		highest = Math.max(highest, seq);
	};
	own.greet = ({ epoch }) => {
		const first = known === undefined ? [] : [{ type: '$resume', data: { epoch: known, seq: highest } }];
		if (epoch !== known) highest = 0;
		known = epoch;
		return first;
	};
}
