/** Messages that are sent until the server has acknowledged them. */
import { Refused, SocketError } from './errors.js';
import type { Frame, Protocol, RequestArguments } from './protocol.js';
import { nextId, type Socket } from './socket.js';

export interface DeliverOptions {
	/** Rejects the promise; the message is not sent again, but the server may have handled it. */
	readonly signal?: AbortSignal;
}

/**
 * Send a message until the server has acknowledged it, over all connections until `close()`. The server handles it once. After a
 * reconnect, messages without an acknowledgement are sent again in order, before others. If the server could not handle a
 * message, which is `rate_limited` or `unavailable`, it is sent again after the time that the server requires.
 *
 * @throws InvalidMessage if the data does not match its schema, or is too large; nothing is sent then.
 * @throws Refused if the server rejects the message, or its method raised; a repetition would have the same outcome.
 * @throws SocketError if the connection is closed by `close()` or a final error, or if the page could not ask for the outcome for
 * two minutes; the server may have handled the message.
 */
export type Deliver<P extends Protocol> = <K extends keyof P['acknowledged'] & string>(
	name: K,
	...rest: RequestArguments<readonly [P['acknowledged'][K], void], DeliverOptions>
) => Promise<void>;

interface Delivery {
	readonly frame: Frame;
	resolve(): void;
	reject(reason: unknown): void;
	/** Time of the first attempt that the server may have handled, in milliseconds. */
	sentAt?: number | undefined;
	/** Timer of the next attempt, if the server could not handle the message, or of the last moment for another attempt. */
	timer?: ReturnType<typeof setTimeout>;
}

/** Codes of errors for a message that the server has not handled. They require a time to wait; other errors are outcomes. */
const UNHANDLED = new Set(['rate_limited', 'unavailable']);
/** Milliseconds until a message is sent again that the outbox could not take. */
const RETRY_AFTER = 1000;
/** Milliseconds after the first attempt for which the server knows the outcome. It forgets outcomes after two minutes. */
const KNOWN_FOR = 110_000;

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
		const known = [...pending.values()].filter(isKnown);
		socket.requeue(known.map(({ frame }) => frame));
	});
	socket.listen('$state', ({ status, error }) => {
		if (status === 'idle' || status === 'closed') for (const { reject } of [...pending.values()]) reject(error);
	});

	/** Return true if a message can be sent again; reject it when that is no longer so, unless it has been sent by then. */
	function isKnown(delivery: Delivery): boolean {
		const { frame, timer, reject, sentAt } = delivery;
		const left = (sentAt ?? Infinity) + KNOWN_FOR - Date.now();
		const unknown = new SocketError('outcome unknown');
		clearTimeout(timer);
		if (left <= 0) reject(unknown);
		else if (sentAt === undefined) delivery.sentAt = Date.now();
		else delivery.timer = setTimeout(() => socket.withdraw(frame) && reject(unknown), left);
		return left > 0;
	}

	function fail(delivery: Delivery, error: Refused): void {
		if (!UNHANDLED.has(error.code) || error.retryAfterMs === undefined) return delivery.reject(error);
		delivery.sentAt = undefined;
		retryAfter(delivery, error.retryAfterMs);
	}

	function retryAfter(delivery: Delivery, delay: number): void {
		clearTimeout(delivery.timer);
		delivery.timer = setTimeout(() => {
			if (socket.state.status !== 'open') return; // `$hello` is still to come
			try {
				socket.sendMessage(delivery.frame);
				delivery.sentAt ??= Date.now();
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
				pending.set(id, { frame, resolve, reject, sentAt: socket.state.status === 'open' ? Date.now() : undefined });
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
