/** Resumption: requests for messages missed while there was no connection. */
import type { Protocol } from './protocol.js';
import type { Socket } from './socket.js';

/** Record the highest sequence number received, and send it first on each later connection. */
export function resume<P extends Protocol>(socket: Socket<P>): void {
	let currentEpoch: string | undefined;
	let received = 0;
	let newest = 0;
	socket.listen('$message', ({ seq = 0 }) => {
		received = Math.max(received, seq);
	});
	socket.listen('$hello', ({ epoch, seq }) => {
		if (currentEpoch !== undefined) socket.sendFrame({ type: '$resume', data: { epoch: currentEpoch, seq: received } });
		if (epoch !== currentEpoch) received = seq;
		newest = seq;
		currentEpoch = epoch;
	});
	socket.listen('$resumed', ({ recovered }) => {
		// Lost messages are not requested again.
		if (!recovered) received = Math.max(received, newest);
	});
}
