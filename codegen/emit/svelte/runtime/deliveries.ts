/** Messages that are sent until the server has acknowledged them. */
import { DeliveryQueue } from './delivery-queue.js';
import { isDevelopment } from './development.js';
import { Refused, SocketError } from './errors.js';
import type { Live } from './live.svelte.js';
import { requireName } from './names.js';
import type { Frame, Protocol, RequestArguments } from './protocol.js';
import { nextId } from './socket.js';
import { warnRefused } from './warnings.js';

export interface DeliverOptions {
	/** Rejects the promise; the message is not sent again, but the server may have handled it. */
	readonly signal?: AbortSignal;
}

/**
 * Send a message until the server has acknowledged it, over all connections until `close()`. The server handles it once, and
 * messages of one type in the order of the calls. They are sent no faster than their `rate`. After a reconnect, messages without an
 * acknowledgement are sent again, before others. A message that the server could not handle (`rate_limited` or `unavailable`) is
 * sent again after the time that the server requires; those behind it wait.
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
	readonly id: number;
	readonly frame: Frame;
	readonly resolve: () => void;
	readonly reject: (reason: unknown) => void;
	/** Time of the oldest attempt that the server may have handled. */
	sentAt?: number | undefined;
	/** Timer of the end of all attempts, from the end of the connection of that one. */
	timer?: ReturnType<typeof setTimeout>;
}

/** Milliseconds in which a message is sent again: less than two minutes, for which the server notes outcomes. */
const SEND_UNTIL = 110_000;

/** Codes of errors, with a time to wait, for a message that the server has not handled; other errors are outcomes. */
const UNHANDLED = new Set(['rate_limited', 'unavailable']);

/** Random name of this page for the server, of 22 characters. */
const session = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
	.replace(/\+/g, '-')
	.replace(/\//g, '_')
	.slice(0, 22);

export function deliveries<P extends Protocol>(socket: Live<P>): Deliver<P> {
	/** Messages without an acknowledgement, in order. */
	const pending = new Map<number, Delivery>();
	const queues = new Map<string, DeliveryQueue<Delivery>>();
	const { outbox } = socket;
	const receive = socket.receiveFrame.bind(socket);
	const send = socket.sendFrame.bind(socket);

	for (const [name, type] of Object.entries(socket.endpoint.client)) if (type.acknowledged) queues.set(name, new DeliveryQueue(type, attempt));

	socket.sendFrame = (frame) => {
		const delivery = pending.get(frame.id!);
		if (delivery?.frame === frame) queueOf(delivery).add(delivery);
		else send(frame);
	};
	socket.receiveFrame = (frame) => {
		const delivery = frame?.re === undefined ? undefined : pending.get(frame.re);
		if (delivery && frame!.type === '$ack') delivery.resolve();
		else if (delivery && frame!.type === '$error') fail(delivery, new Refused(frame!.data));
		else receive(frame);
	};
	socket.listen('$hello', open);
	socket.listen('$state', ({ status, error }) => {
		if (status === 'open') open();
		else if (status !== 'connecting') stop();
		if (status === 'idle' || status === 'closed') for (const { reject } of [...pending.values()]) reject(error);
	});

	function queueOf({ frame }: Delivery): DeliveryQueue<Delivery> {
		return queues.get(frame.type)!;
	}

	function open(): void {
		for (const queue of queues.values()) queue.open();
	}

	/** Wait for the next connection; the server may have handled what was sent. */
	function stop(): void {
		for (const queue of queues.values()) queue.stop();
		for (const delivery of pending.values()) {
			if (delivery.sentAt === undefined || delivery.timer !== undefined) continue;
			const expire = (): unknown => queueOf(delivery).isSent(delivery) || isExpired(delivery);
			delivery.timer = setTimeout(expire, delivery.sentAt + SEND_UNTIL + 1 - Date.now());
		}
	}

	function attempt(delivery: Delivery, frame: Frame): void {
		delivery.sentAt ??= Date.now();
		if (!isExpired(delivery)) send(frame);
	}

	function fail(delivery: Delivery, error: Refused): void {
		const { code, retryAfterMs } = error;
		const isUnhandled = UNHANDLED.has(code) && retryAfterMs !== undefined;
		const isFirst = isUnhandled && queueOf(delivery).postpone(delivery, retryAfterMs);
		if (isDevelopment && (!isUnhandled || isFirst)) warnRefused(socket.endpoint.name, error, delivery.frame.type);
		if (!isUnhandled) delivery.reject(error);
		else if (delivery.timer === undefined) delivery.sentAt = undefined; // there was no earlier connection
	}

	/** Reject a message that the server would handle a second time. */
	function isExpired({ sentAt = Infinity, reject }: Delivery): boolean {
		const isTooOld = Date.now() - sentAt > SEND_UNTIL;
		if (isTooOld) reject(new SocketError('no acknowledgement', 1006, 'timeout'));
		return isTooOld;
	}

	return (name, ...[data, { signal } = {}]) => {
		const deliver = async (): Promise<void> => {
			const id = nextId();
			let delivery: Delivery | undefined;
			let release: (() => void) | undefined;
			let abort!: () => void;
			try {
				requireName(socket.endpoint, 'deliver', name);
				signal?.throwIfAborted();
				const frame = socket.encode(name, data, { id, session });
				release = socket.use();
				await new Promise<void>((resolve, reject) => {
					pending.set(id, (delivery = { id, frame, resolve, reject }));
					socket.sendMessage(frame);
					signal?.addEventListener('abort', (abort = () => reject(signal.reason)));
				});
			} catch (error: any) {
				// No unhandled rejection, because a component that is destroyed does not wait. `await` throws nevertheless.
				if (/closed|no-browser/.test(error.kind)) queueMicrotask(() => void promise.catch(() => {}));
				throw error;
			} finally {
				clearTimeout(delivery?.timer);
				pending.delete(id);
				if (delivery) queueOf(delivery).remove(delivery);
				const index = outbox.findIndex((frame) => frame.id === id);
				if (index >= 0) outbox.splice(index, 1);
				signal?.removeEventListener('abort', abort);
				release?.();
			}
		};
		const promise = deliver();
		return promise;
	};
}
