/** Messages that are sent until the server has acknowledged them. */
import { isDevelopment } from './development.js';
import { Refused, SocketError } from './errors.js';
import type { Live } from './live.svelte.js';
import type { Frame, Protocol, RequestArguments } from './protocol.js';
import { nextId } from './socket.js';
import { warnRefused } from './warnings.js';

export interface DeliverOptions {
	/** Rejects the promise; the message is not sent again, but the server may have handled it. */
	readonly signal?: AbortSignal;
}

/**
 * Send a message until the server has acknowledged it, over all connections until `close()`. The server handles it once. After a
 * reconnect, messages without an acknowledgement are sent again in order, before others. A message that the server
 * could not handle (`rate_limited` or `unavailable`) is sent again after the time that the server requires.
 *
 * @throws InvalidMessage if the data does not match its schema, or is too large; nothing is sent then.
 * @throws Refused if the server rejects the message, or its method raised; a repetition would have the same outcome.
 * @throws SocketError if the connection is closed by `close()` or a final error, or absent for two minutes; the server may have
 * handled the message.
 */
export type Deliver<P extends Protocol> = <K extends keyof P['acknowledged'] & string>(
	name: K,
	...rest: RequestArguments<readonly [P['acknowledged'][K], undefined], DeliverOptions>
) => Promise<void>;

interface Delivery {
	readonly frame: Frame;
	readonly resolve: () => void;
	readonly reject: (reason: unknown) => void;
	/** Time of the oldest attempt without an answer. */
	sentAt: number;
	/** True if that attempt was made on an earlier connection: the server may have handled the message. */
	isUncertain: boolean;
	/** Timer of the next attempt, if the server could not handle the message, or of the end of all attempts. */
	timer?: ReturnType<typeof setTimeout>;
}

/** Milliseconds in which a message is sent again: less than two minutes, for which the server notes outcomes. */
const SEND_UNTIL = 110_000;

/** Codes of errors, with a time to wait, for a message that the server has not handled; other errors are outcomes. */
const UNHANDLED = new Set(['rate_limited', 'unavailable']);

/** Milliseconds until a message is sent again for which the outbox was full. */
const RETRY_AFTER = 1000;

/** Random name of this page for the server, of 22 characters. */
const session = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
	.replace(/\+/g, '-')
	.replace(/\//g, '_')
	.slice(0, 22);

export function deliveries<P extends Protocol>(socket: Live<P>): Deliver<P> {
	/** Messages without an acknowledgement, in order. */
	const pending = new Map<number, Delivery>();
	const { outbox } = socket;
	const receive = socket.receiveFrame.bind(socket);

	socket.receiveFrame = (frame) => {
		const delivery = frame?.re === undefined ? undefined : pending.get(frame.re);
		if (delivery && frame!.type === '$ack') delivery.resolve();
		else if (delivery && frame!.type === '$error') fail(delivery, new Refused(frame!.data));
		else receive(frame);
	};
	socket.listen('$hello', () => {
		const again = [...pending.values()].filter((delivery) => {
			const isSent = !outbox.includes(delivery.frame);
			clearTimeout(delivery.timer);
			if (isSent) delivery.isUncertain = true;
			else delivery.sentAt = Date.now();
			if (!isSent || isExpired(delivery)) return false;
			// It may wait behind other messages.
			const left = delivery.sentAt + SEND_UNTIL - Date.now();
			delivery.timer = setTimeout(() => outbox.includes(delivery.frame) && isExpired(delivery), left + 1);
			return true;
		});
		outbox.unshift(...again.map(({ frame }) => frame));
	});
	socket.listen('$state', ({ status, error }) => {
		if (status === 'idle' || status === 'closed') for (const { reject } of [...pending.values()]) reject(error);
	});

	function fail(delivery: Delivery, error: Refused): void {
		const { code, retryAfterMs } = error;
		if (isDevelopment) warnRefused(socket.endpoint.name, error, delivery.frame.type);
		if (UNHANDLED.has(code) && retryAfterMs !== undefined) retryAfter(delivery, retryAfterMs);
		else delivery.reject(error);
	}

	function retryAfter(delivery: Delivery, delay: number): void {
		clearTimeout(delivery.timer);
		delivery.timer = setTimeout(() => {
			if (socket.state.status !== 'open') return; // `$hello` is still to come
			if (!delivery.isUncertain) delivery.sentAt = Date.now();
			if (isExpired(delivery)) return;
			try {
				socket.sendMessage(delivery.frame);
			} catch {
				retryAfter(delivery, RETRY_AFTER); // the outbox is full
			}
		}, delay);
	}

	/** Reject a message that the server would handle a second time. */
	function isExpired({ sentAt, reject }: Delivery): boolean {
		const isTooOld = Date.now() - sentAt > SEND_UNTIL;
		if (isTooOld) reject(new SocketError('no acknowledgement', 1006, 'timeout'));
		return isTooOld;
	}

	return (name, ...[data, { signal } = {}]) => {
		const deliver = async (): Promise<void> => {
			const id = nextId();
			let frame: Frame | undefined;
			let release: (() => void) | undefined;
			let abort!: () => void;
			try {
				signal?.throwIfAborted();
				const encoded = (frame = socket.encode(name, data, { id, session }));
				release = socket.use();
				await new Promise<void>((resolve, reject) => {
					socket.sendMessage(encoded);
					pending.set(id, { frame: encoded, resolve, reject, sentAt: Date.now(), isUncertain: false });
					signal?.addEventListener('abort', (abort = () => reject(signal.reason)));
				});
			} catch (error: any) {
				// No unhandled rejection, because a component that is destroyed does not wait. `await` throws nevertheless.
				if (/closed|no-browser/.test(error.kind)) queueMicrotask(() => void promise.catch(() => {}));
				throw error;
			} finally {
				clearTimeout(pending.get(id)?.timer);
				pending.delete(id);
				if (frame && outbox.includes(frame)) outbox.splice(outbox.indexOf(frame), 1);
				signal?.removeEventListener('abort', abort);
				release?.();
			}
		};
		const promise = deliver();
		return promise;
	};
}
