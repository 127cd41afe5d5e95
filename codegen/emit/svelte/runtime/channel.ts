/** Delivery rule of one channel: kept messages are applied in the order of their numbers, once each, without gaps. */
import type { Frame } from './protocol.js';

/** Position in the kept messages of a channel. */
export interface Position {
	/** Name of one sequence of numbers; it changes when the numbers start over. */
	readonly epoch: string;
	/** Number of a message, or 0. */
	readonly seq: number;
	/** Name of that message: the same number may be given to two messages if the server loses its latest writes. */
	readonly mark: string;
}

/** Kept message, or `$skip` for a message to others. */
export interface KeptFrame extends Frame {
	readonly seq: number;
	readonly mark: string;
}

/** Maximum number of frames held while a request to resume is open, in addition to the kept messages that answer it. */
const MAX_HELD = 1000;

/** Effects of a channel. */
export interface ChannelEffects {
	/** Handle the next message. */
	apply(frame: KeptFrame): void;
	/** Request all messages after a position. */
	resume(position: Position): void;
	/** Report that a request to resume has failed: messages are lost. */
	lose(): void;
}

export class Channel {
	readonly #effects: ChannelEffects;
	readonly #maxHeld: number;
	#position: Position;
	/** Epoch of the frames that arrive; it differs from that of the position until the server has answered. */
	#epoch: string;
	/** Frames held, with their epochs. */
	#held: { readonly epoch: string; readonly frame: KeptFrame }[] = [];
	#isResuming = false;
	#isComplete = true;

	/**
	 * @param position Position at which the page joins for the first time.
	 * @param kept Maximum number of messages that the server keeps.
	 */
	constructor(position: Position, kept: number, effects: ChannelEffects) {
		this.#position = position;
		this.#epoch = position.epoch;
		this.#maxHeld = MAX_HELD + kept;
		this.#effects = effects;
	}

	/** True until the server has answered a request to resume. */
	get isResuming(): boolean {
		return this.#isResuming;
	}

	/** True if no message was lost since {@link join}. */
	get isComplete(): boolean {
		return this.#isComplete;
	}

	/** Join again, on a new connection. Any difference is a reason to resume: the server may lag, or may have lost messages. */
	join(position: Position): void {
		const { epoch, seq, mark } = this.#position;
		this.#held = [];
		this.#isResuming = false;
		this.#isComplete = true;
		this.#epoch = position.epoch;
		if (epoch !== position.epoch || seq !== position.seq || mark !== position.mark) this.#resume();
	}

	/** Apply a frame, or hold it while a request to resume is open: it may belong to another sequence than the position. */
	receive(frame: KeptFrame): void {
		if (!this.#isResuming) return this.#accept(frame);
		this.#held.push({ epoch: this.#epoch, frame });
		if (this.#held.length <= this.#maxHeld) return;
		const { seq, mark } = this.#newest();
		this.#held = [];
		this.#lose({ epoch: this.#epoch, seq, mark });
	}

	/** Continue after the answer to a request to resume; with a position if messages are lost. */
	resumed(position: Position | undefined): void {
		this.#isResuming = false;
		if (position) this.#lose(position);
		const held = this.#held.splice(0).filter(({ epoch }) => epoch === this.#epoch);
		for (const { frame } of held.sort((a, b) => a.frame.seq - b.frame.seq)) this.receive(frame);
	}

	/** Continue at another position: messages are lost. This also answers a request to resume. */
	reset(position: Position): void {
		this.#isResuming = false;
		this.#held = [];
		this.#moveTo(position);
	}

	#lose(position: Position): void {
		this.#moveTo(position);
		this.#effects.lose();
	}

	#moveTo(position: Position): void {
		this.#position = position;
		this.#epoch = position.epoch;
		this.#isComplete = false;
	}

	#accept(frame: KeptFrame): void {
		const { epoch, seq, mark } = this.#position;
		if (epoch !== this.#epoch || frame.seq > seq + 1 || (frame.seq === seq && frame.mark !== mark)) this.#resume();
		else if (frame.seq === seq + 1) {
			this.#position = { epoch, seq: frame.seq, mark: frame.mark };
			this.#effects.apply(frame);
		}
	}

	/** Return the held frame with the highest number in the current epoch. */
	#newest(): KeptFrame {
		const frames = this.#held.filter(({ epoch }) => epoch === this.#epoch).map(({ frame }) => frame);
		return frames.reduce((newest, frame) => (frame.seq > newest.seq ? frame : newest));
	}

	#resume(): void {
		if (this.#isResuming) return;
		this.#isResuming = true;
		this.#effects.resume(this.#position);
	}
}
