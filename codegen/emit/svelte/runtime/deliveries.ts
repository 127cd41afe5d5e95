/** Messages that are sent until the server has acknowledged them. */
import { Refused } from './errors.js';
import type { Frame, Protocol, RequestArguments } from './protocol.js';
import { nextId, type Socket } from './socket.js';

export interface DeliverOptions {
	/** Rejects the promise; the message is not sent again, but the server may have handled it. */
	readonly signal?: AbortSignal;
}

/**
 * Send a message until the server has acknowledged it, over all connections until `close()`. The server handles it once. After a
 * reconnect, messages without an acknowledgement are sent again in order, before others. A retryable error of the server is not
 * thrown: the message is sent again after the time that the server requires.
 *
 * @throws InvalidMessage if the data does not match its schema, or is too large; nothing is sent then.
 * @throws Refused if the server rejects the message.
 * @throws SocketError if the connection is closed by `close()` or a final error; the server may have handled the message.
 */
export type Deliver<P extends Protocol> = <K extends keyof P['acknowledged'] & string>(
	name: K,
	...rest: RequestArguments<readonly [P['acknowledged'][K], void], DeliverOptions>
) => Promise<void>;

interface Delivery {
	readonly frame: Frame;
	resolve(): void;
	reject(reason: unknown): void;
	/** Timer of the next attempt after a retryable error. */
	timer?: ReturnType<typeof setTimeout>;
}

/** Milliseconds until a message is sent again if the server requires no time. */
const RETRY_AFTER = 1000;

/** Name of this page for the server, which has 22 characters. */
const session = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
	.replace(/\+/g, '-')
	.replace(/\//g, '_')
	.slice(0, 22);

export function deliveries<P extends Protocol>(socket: Socket<P>): Deliver<P> {
	/** Messages without an acknowledgement, in order. */
	const pending = new Map<number, Delivery>();
	const receive = socket.receiveFrame.bind(socket);

	socket.receiveFrame = (frame) => {
		const delivery = pending.get(frame?.re!);
		if (delivery && frame!.type === '$ack') delivery.resolve();
		else if (delivery && frame!.type === '$error') fail(delivery, new Refused(frame!.data));
		else receive(frame);
	};
	socket.listen('$hello', () => {
		for (const { timer } of pending.values()) clearTimeout(timer);
		socket.requeue([...pending.values()].map(({ frame }) => frame));
	});
	socket.listen('$state', ({ status, error }) => {
		if (status === 'idle' || status === 'closed') for (const { reject } of [...pending.values()]) reject(error);
	});

	function fail(delivery: Delivery, error: Refused): void {
		if (error.retryable) retryAfter(delivery, error.retryAfterMs ?? RETRY_AFTER);
		else delivery.reject(error);
	}

	function retryAfter(delivery: Delivery, delay: number): void {
		clearTimeout(delivery.timer);
		delivery.timer = setTimeout(() => {
			if (socket.state.status !== 'open') return; // `$hello` is still to come
			try {
				socket.sendMessage(delivery.frame);
			} catch {
				retryAfter(delivery, RETRY_AFTER); // the outbox is full
			}
		}, delay);
	}

	return async (name, ...[data, { signal } = {}]) => {
		signal?.throwIfAborted();
		const id = nextId();
		const frame = socket.encode(name, data, { id, session });
		const release = socket.use();
		let abort!: () => void;
		try {
			await new Promise<void>((resolve, reject) => {
				socket.sendMessage(frame);
				pending.set(id, { frame, resolve, reject });
				signal?.addEventListener('abort', (abort = () => reject(signal.reason)));
			});
		} finally {
			clearTimeout(pending.get(id)?.timer);
			pending.delete(id);
			socket.withdraw(frame);
			signal?.removeEventListener('abort', abort);
			release();
		}
	};
}
