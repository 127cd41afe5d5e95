/** Pace of the messages that were queued without a connection: no faster than the rates that the server accepts. */
import type { Protocol } from './protocol.js';
import type { Socket } from './socket.js';
import { TokenBucket } from './token-bucket.js';

/**
 * Send queued messages in order, each as soon as the `rate` of its type allows. Messages sent meanwhile wait behind them, except
 * volatile ones. Acknowledged messages have their own pace.
 */
export function pacing<P extends Protocol>(socket: Socket<P>): void {
	const { outbox } = socket;
	let timer: ReturnType<typeof setTimeout>;
	socket.listen('$state', ({ status }) => status === 'open' || clearTimeout(timer));
	socket.sendOutbox = () => {
		const buckets = new Map<string, TokenBucket>();
		const send = (): void => {
			for (let frame = outbox[0]; frame; frame = outbox[0]) {
				const { type } = frame;
				const { rate, acknowledged } = socket.endpoint.client[type]!;
				if (rate && !acknowledged) {
					const bucket = buckets.get(type) ?? new TokenBucket(rate);
					buckets.set(type, bucket);
					const delay = bucket.take();
					if (delay) {
						timer = setTimeout(send, delay);
						return;
					}
				}
				outbox.shift();
				socket.sendFrame(frame);
			}
		};
		send();
	};
}
