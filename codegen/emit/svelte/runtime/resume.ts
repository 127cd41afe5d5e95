/** Resumption: ask for the messages that were missed while there was no connection. */
import type { Protocol } from './protocol.js';
import type { Socket } from './socket.js';

/** Remember the highest sequence number, and begin every later connection with it. */
export function resume<P extends Protocol>(socket: Socket<P>): void {
	let known: string | undefined;
	let highest = 0;
	let newest = 0;
	socket.on('$message', ({ seq = 0 }) => {
		highest = Math.max(highest, seq);
	});
	socket.on('$hello', ({ epoch, seq }) => {
		if (known !== undefined) socket.put({ type: '$resume', data: { epoch: known, seq: highest } });
		if (epoch !== known) highest = seq;
		newest = seq;
		known = epoch;
	});
	socket.on('$resumed', ({ recovered }) => {
		// what is lost is not asked for again
		if (!recovered) highest = Math.max(highest, newest);
	});
}
