/** Channels of a connection: positions that outlive it, and resumption after a reconnect. */
import { Channel, type KeptFrame, type Position } from './channel.js';
import type { Protocol } from './protocol.js';
import type { Socket } from './socket.js';

/** Maximum number of channels whose positions are remembered. */
const MAX_CHANNELS = 1024;

/** Data of `$joined`: number of a channel on this connection, its stable name, and the position of the server. */
interface Joined extends Position {
	readonly ch: number;
	readonly channel: string;
}

/** Channel with its stable name, and its number on the current connection. */
interface Membership {
	readonly name: string;
	readonly channel: Channel;
	ch: number;
}

/** Pass kept messages on in the order of their numbers, and request missed ones when a channel is joined again. */
export function channels<P extends Protocol>(socket: Socket<P>): void {
	/** Channels by name; the one that was joined last is at the end. */
	const known = new Map<string, Membership>();
	/** Channels of this connection, by number. */
	const joined = new Map<number, Membership>();
	/** Maximum number of messages of a channel that the server keeps. */
	const kept = Math.max(0, ...Object.values(socket.endpoint.server).map(({ replay = 0 }) => replay));
	let recovered: boolean | undefined;
	/** True if a channel was resumed on this connection. */
	let isResumed = false;
	/** True if messages were lost on this connection. */
	let isLossy = false;
	const receive = socket.receiveFrame.bind(socket);
	const change = socket.update.bind(socket);

	socket.listen('$hello', () => {
		joined.clear();
		recovered = undefined;
		isResumed = isLossy = false;
	});

	socket.update = (state) => change((state.status ?? 'open') === 'open' ? state : { ...state, recovered: undefined });

	socket.receiveFrame = (frame) => {
		const { type, ch, data } = frame ?? {};
		if (ch !== undefined) joined.get(ch)?.channel.receive(frame as KeptFrame);
		else if (type === '$joined') join(data);
		else if (type === '$left') {
			leave(data.ch);
			receive(frame); // for the presence of the channel
		}
		else if (type === '$reset') reset(data);
		else if (type === '$resumed') resume(data);
		else receive(frame);
	};

	function join({ ch, channel: name, epoch, seq, mark }: Joined): void {
		const position = { epoch, seq, mark };
		const member = known.get(name) ?? create(name, position);
		member.ch = ch;
		joined.set(ch, member);
		if (known.delete(name)) {
			isResumed = true;
			member.channel.join(position);
			finish(member);
		}
		known.set(name, member);
		if (known.size > MAX_CHANNELS) discardOldest();
	}

	function create(name: string, position: Position): Membership {
		const member: Membership = {
			name,
			ch: 0,
			channel: new Channel(position, kept, {
				apply: ({ type, seq, data }) => type === '$skip' || receive({ type, seq, data }),
				resume: (data) => {
					isResumed = true;
					update();
					socket.sendFrame({ type: '$resume', data: { ch: member.ch, ...data } });
				},
				lose: () => {
					update();
					socket.emit('$resumed', { channel: name, recovered: false });
				},
			}),
		};
		return member;
	}

	function discardOldest(): void {
		const current = new Set(joined.values());
		for (const [name, member] of known) if (!current.has(member)) return void known.delete(name);
	}

	function leave(ch: number): void {
		known.delete(joined.get(ch)?.name ?? '');
		joined.delete(ch);
		update();
	}

	function resume({ ch, recovered, epoch, seq, mark }: Position & { readonly ch: number; readonly recovered: boolean }): void {
		const member = joined.get(ch);
		if (!member) return;
		member.channel.resumed(recovered ? undefined : { epoch, seq, mark });
		finish(member);
	}

	function reset({ ch, epoch, seq, mark }: Joined): void {
		const member = joined.get(ch);
		if (!member) return;
		member.channel.reset({ epoch, seq, mark });
		update();
		socket.emit('$reset', { channel: member.name });
	}

	/** Report success for a channel, unless messages are lost or it is resumed again. */
	function finish({ name, channel: { isResuming, isComplete } }: Membership): void {
		update();
		if (isComplete && !isResuming) socket.emit('$resumed', { channel: name, recovered: true });
	}

	function update(): void {
		const all = [...joined.values()].map(({ channel }) => channel);
		isLossy ||= all.some(({ isComplete }) => !isComplete);
		// A listener may end the connection while held messages are applied.
		const isOpen = socket.state.status === 'open';
		const isKnown = isOpen && (isResumed || isLossy) && !all.some(({ isResuming }) => isResuming);
		if (recovered === (recovered = isKnown ? !isLossy : undefined)) return;
		socket.update({ recovered });
	}
}
