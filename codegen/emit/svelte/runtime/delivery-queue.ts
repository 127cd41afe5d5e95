/** Order and pace of the acknowledged messages of one type. */
import type { Frame, MessageType } from './protocol.js';
import { TokenBucket } from './token-bucket.js';

/** Number of messages that a new connection carries before the first of them is answered. */
const INITIAL_WINDOW = 16;
/** Longest delay of a timer, in milliseconds; a longer one would end at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Message that is sent until it is answered; ids grow with each message. */
interface Queued {
	readonly id: number;
	readonly frame: Frame;
}

/**
 * Queue that sends messages in order, no faster than their `rate`. A message that the server has not handled is sent again first,
 * alone, and those behind it wait.
 *
 * Each message that is sent before the answer to another one names it as its predecessor. If the server does not handle one, it
 * does not handle those after it either, so that none overtakes it. As in TCP, the number of messages on their way grows with
 * each answer and starts over after a refusal, so that few are sent in vain.
 */
export class DeliveryQueue<T extends Queued> {
	readonly #rate: MessageType['rate'];
	readonly #send: (message: T, frame: Frame) => void;
	/** Messages to send, in order. */
	#waiting: T[] = [];
	/** Messages sent on this connection and not answered, in order. */
	#sent: T[] = [];
	#isOpen = false;
	/** Maximum number of messages on their way. */
	#window = INITIAL_WINDOW;
	#bucket: TokenBucket | undefined;
	/** Time before which nothing is sent, because the server requires it. */
	#resumeAt = 0;
	#timer: ReturnType<typeof setTimeout> | undefined;

	/** @param send Sends the frame of a message; may remove the message instead. */
	constructor({ rate }: MessageType, send: (message: T, frame: Frame) => void) {
		this.#rate = rate;
		this.#send = send;
	}

	/** Begin to send, on a new connection. */
	open(): void {
		if (this.#isOpen) return;
		this.#isOpen = true;
		this.#window = INITIAL_WINDOW;
		this.#resumeAt = 0;
		this.#bucket = this.#rate && new TokenBucket(this.#rate);
		this.#flush();
	}

	/** Stop, because the connection has ended; messages without an answer are sent again on the next one. */
	stop(): void {
		this.#isOpen = false;
		clearTimeout(this.#timer);
		this.#waiting = [...this.#sent, ...this.#waiting].sort((one, other) => one.id - other.id);
		this.#sent = [];
	}

	add(message: T): void {
		this.#waiting.push(message);
		this.#flush();
	}

	isSent(message: T): boolean {
		return this.#sent.includes(message);
	}

	/** Remove a message, because it is answered or given up. */
	remove(message: T): void {
		if (this.#take(message)) this.#window++;
		else if (this.#waiting.includes(message)) this.#waiting.splice(this.#waiting.indexOf(message), 1);
		this.#flush();
	}

	/**
	 * Send a message again after `delay` milliseconds, because the server has not handled it.
	 *
	 * @returns True if it is the first of those that now wait.
	 */
	postpone(message: T, delay: number): boolean {
		if (!this.#take(message)) return false;
		const isFirst = this.#window > 1 || this.#resumeAt <= Date.now();
		const index = this.#waiting.findIndex(({ id }) => id > message.id);
		this.#waiting.splice(index < 0 ? this.#waiting.length : index, 0, message);
		this.#window = 1;
		this.#resumeAt = Math.max(this.#resumeAt, Date.now() + delay);
		this.#flush();
		return isFirst;
	}

	/** Remove a message from those that are sent; return true if it was one of them. */
	#take(message: T): boolean {
		const index = this.#sent.indexOf(message);
		if (index >= 0) this.#sent.splice(index, 1);
		return index >= 0;
	}

	#flush(): void {
		clearTimeout(this.#timer);
		for (let [next] = this.#waiting; next && this.#maySend(next); [next] = this.#waiting) {
			const left = this.#resumeAt - Date.now();
			const delay = left > 0 ? left : this.#bucket?.take();
			if (delay) {
				this.#timer = setTimeout(() => this.#flush(), Math.min(delay, LONGEST_TIMER));
				return;
			}
			const after = this.#sent.at(-1)?.id;
			this.#waiting.shift();
			this.#sent.push(next);
			this.#send(next, after === undefined ? next.frame : { ...next.frame, after });
		}
	}

	/** Return false while too many messages are on their way, or a later one. */
	#maySend({ id }: T): boolean {
		const last = this.#sent.at(-1);
		return this.#isOpen && this.#sent.length < this.#window && (!last || last.id < id);
	}
}
