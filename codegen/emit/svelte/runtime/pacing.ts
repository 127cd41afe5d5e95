/** Pace of the messages that were queued without a connection: no faster than the rates that the server accepts. */
import type { Protocol } from './protocol.js';
import type { Socket } from './socket.js';

/** Factor of the intervals between two messages, so that none arrives too early because the one before it was delayed. */
const MARGIN = 1.05;

/**
 * Send queued messages in order, each as soon as the `rate` of its type allows. Messages sent meanwhile wait behind them, except
 * volatile ones.
 */
export function pacing<P extends Protocol>(socket: Socket<P>): void {
	const { outbox } = socket;
	let timer: ReturnType<typeof setTimeout>;
	socket.listen('$state', ({ status }) => status === 'open' || clearTimeout(timer));
	socket.sendOutbox = () => {
		/** Messages of each type that may leave now, at the time of the last one. */
		const allowed = new Map<string, readonly [count: number, at: number]>();
		const send = (): void => {
			for (let frame = outbox[0]; frame; frame = outbox[0]) {
				const { type } = frame;
				const [burst, seconds] = socket.endpoint.client[type]!.rate ?? [Infinity, 0];
				const interval = (seconds * 1000 * MARGIN) / burst;
				const now = performance.now();
				// One less than the server accepts at once, for the same reason.
				const most = Math.max(burst - 1, 1);
				const [count, at] = allowed.get(type) ?? [most, now];
				const left = interval ? Math.min(count + (now - at) / interval, most) : most;
				if (left < 1) {
					timer = setTimeout(send, Math.ceil((1 - left) * interval));
					return;
				}
				allowed.set(type, [left - 1, now]);
				outbox.shift();
				socket.sendFrame(frame);
			}
		};
		send();
	};
}
