/** Presence: users in the rooms of a connection. Each channel has a state, and then changes with numbers without gaps. */
import { createSubscriber, SvelteMap } from 'svelte/reactivity';
import { isDevelopment } from './development.js';
import { Refused } from './errors.js';
import type { Devices } from './events.js';
import type { Live } from './live.svelte.js';
import type { Protocol } from './protocol.js';
import { validate } from './validate.js';
import { warnInvalid } from './warnings.js';

/**
 * Metadata of the devices of each user in the rooms of the connection, by the key of the user. Reading it connects. Each key wakes
 * only its own readers. While the connection is absent, it keeps its last state.
 */
export type Presence<P extends Protocol> = ReadonlyMap<string, Devices<P['presence']>>;

/** Device: its random name, the key of its user, and its metadata. */
type Row = readonly [id: string, key: string, metadata: unknown];

interface Change {
	readonly seq: number;
	readonly entries: readonly Row[];
	readonly left: readonly string[];
}

interface State {
	readonly epoch: string;
	readonly seq: number;
	readonly entries: readonly Row[];
	readonly more?: boolean;
}

/** Channel with presence. */
interface Channel {
	readonly name: string;
	/** Name of the sequence of changes, and the number of the newest one; `undefined` until the state is known. */
	epoch?: string | undefined;
	seq: number;
	/** Devices by id. */
	devices: Map<string, Row>;
	/** Parts of a state that is not complete. */
	parts?: Row[] | undefined;
	/** Changes that wait for the state. */
	held: Change[];
}

/** Milliseconds after the start of a connection until the rooms that it has not joined are forgotten. */
const FORGET_AFTER = 5000;

class Users<T> extends SvelteMap<string, Devices<T>> {
	readonly #subscribe: () => void;

	constructor(subscribe: () => void) {
		super();
		this.#subscribe = subscribe;
	}

	override get size(): number {
		this.#subscribe();
		return super.size;
	}
	override get(key: string): Devices<T> | undefined {
		this.#subscribe();
		return super.get(key);
	}
	override has(key: string): boolean {
		this.#subscribe();
		return super.has(key);
	}
	override keys(): ReturnType<Map<string, Devices<T>>['keys']> {
		this.#subscribe();
		return super.keys();
	}
	override values(): ReturnType<Map<string, Devices<T>>['values']> {
		this.#subscribe();
		return super.values();
	}
	override entries(): ReturnType<Map<string, Devices<T>>['entries']> {
		this.#subscribe();
		return super.entries();
	}
	override [Symbol.iterator](): ReturnType<Map<string, Devices<T>>['entries']> {
		return this.entries();
	}
	override forEach(call: (value: Devices<T>, key: string, map: Map<string, Devices<T>>) => void, self?: unknown): void {
		this.#subscribe();
		super.forEach(call, self);
	}
}

/** Name of this tab in the storage of the browser, which outlives a reload. */
const PAGE = 'tornado-ws.page';

/** Return the random name of this tab, 128 bits as 22 characters. */
function pageName(): string {
	const bytes = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16)));
	let name = btoa(bytes).replace(/\+/g, '-').replace(/\//g, '_').slice(0, 22);
	try {
		name = sessionStorage.getItem(PAGE) ?? name;
		sessionStorage.setItem(PAGE, name);
	} catch {
		// no storage: a reload is another page
	}
	return name;
}

let page: string | undefined;

export function presence<P extends Protocol>(socket: Live<P>): Presence<P> {
	const users = new Users<P['presence']>(createSubscriber(() => socket.use()));
	/** Content of `users`; a read of it depends on nothing. */
	const shown = new Map<string, Devices<unknown>>();
	/** Devices by key, each with the name of its channel. */
	const devices = new Map<string, Map<string, unknown>>();
	/** Channels by their names, which stay the same on all connections. */
	const known = new Map<string, Channel>();
	/** Channels of this connection, by number. */
	const joined = new Map<number, Channel>();
	const receive = socket.receiveFrame.bind(socket);
	const prepare = socket.prepare.bind(socket);
	let timer: ReturnType<typeof setTimeout> | undefined;

	socket.prepare = (target) => {
		const url = new URL(target.url, document.baseURI);
		url.search += `${url.search ? '&' : '?'}$page=${(page ??= pageName())}`;
		return prepare({ ...target, url });
	};
	socket.listen('$hello', () => {
		joined.clear();
		clearTimeout(timer);
		timer = setTimeout(forgetOthers, FORGET_AFTER);
	});
	socket.listen('$state', ({ status }) => {
		if (status !== 'open') clearTimeout(timer);
		if (status === 'idle' || status === 'closed') {
			joined.clear();
			forgetOthers();
		}
	});
	socket.receiveFrame = (frame) => {
		try {
			handle(frame?.type, frame?.data);
		} catch {
			return refuse(new Refused({ code: 'malformed_json' }));
		}
		receive(frame); // other features may need `$left`; the socket ignores the rest
	};

	function handle(type: string | undefined, data: any): void {
		if (type === '$presence') offer(data.ch, data.channel);
		else if (type === '$present') withChannel(data, (channel) => receiveState(channel, data));
		else if (type === '$changed') withChannel(data, (channel) => receiveChange(channel, data));
		else if (type === '$left') withChannel(data, (channel) => leave(channel, data.ch));
	}

	function refuse(error: Refused): void {
		if (isDevelopment) warnInvalid(socket.endpoint.name, error);
		socket.emit('$invalid', error);
	}

	function withChannel({ ch }: { readonly ch: number }, call: (channel: Channel) => void): void {
		const channel = joined.get(ch);
		if (channel) call(channel);
	}

	function offer(ch: number, name: string): void {
		const channel = known.get(name) ?? { name, seq: 0, devices: new Map<string, Row>(), held: [] };
		channel.parts = undefined;
		channel.held = [];
		known.set(name, channel);
		joined.set(ch, channel);
		request(channel, ch);
	}

	function request({ epoch, seq }: Channel, ch: number): void {
		socket.sendFrame({ type: '$presence', data: epoch === undefined ? { ch } : { ch, epoch, seq } });
	}

	function receiveState(channel: Channel, { epoch, seq, entries, more }: State): void {
		const rows = (channel.parts ??= []);
		rows.push(...entries);
		if (more) return;
		const found = new Map(accepted(rows).map((row) => [row[0], row]));
		const left = [...channel.devices.keys()].filter((id) => !found.has(id));
		channel.parts = undefined;
		channel.epoch = epoch;
		channel.seq = seq;
		apply(channel, [...found.values()], left);
		for (const change of channel.held.splice(0)) receiveChange(channel, change);
	}

	function receiveChange(channel: Channel, change: Change): void {
		if (channel.parts || channel.epoch === undefined) channel.held.push(change);
		else if (change.seq === channel.seq + 1) {
			channel.seq = change.seq;
			apply(channel, accepted(change.entries), change.left);
		} else if (change.seq > channel.seq) {
			channel.epoch = undefined; // a change is missing
			for (const [ch, other] of joined) if (other === channel) request(channel, ch);
		}
	}

	/** Return the rows with valid metadata, which has its TypeScript type. */
	function accepted(rows: readonly Row[]): Row[] {
		const schema = socket.endpoint.presence!;
		return rows.flatMap(([id, key, metadata]): Row[] => {
			const invalid = validate('presence', schema, metadata);
			if (!invalid) return [[id, key, schema.decode ? schema.decode(metadata) : metadata]];
			refuse(invalid);
			return [];
		});
	}

	/** Change devices of a channel, then the users, and report users that have joined, left and changed. */
	function apply(channel: Channel, rows: readonly Row[], left: readonly string[]): void {
		const changed = new Set<string>();
		for (const id of left) {
			const row = channel.devices.get(id);
			if (!row) continue;
			channel.devices.delete(id);
			devices.get(row[1])!.delete(`${channel.name} ${id}`);
			changed.add(row[1]);
		}
		for (const row of rows) {
			const [id, key, metadata] = row;
			channel.devices.set(id, row);
			if (!devices.has(key)) devices.set(key, new Map());
			devices.get(key)!.set(`${channel.name} ${id}`, metadata);
			changed.add(key);
		}
		const change = { joined: new Map<string, unknown>(), left: new Map<string, unknown>(), updated: new Map<string, unknown>() };
		for (const key of changed) {
			const before = shown.get(key);
			const [first, ...others] = devices.get(key)!.values();
			const now: Devices<unknown> | undefined = devices.get(key)!.size ? [first, ...others] : undefined;
			if (!now) devices.delete(key);
			if (socket.json.stringify(before ?? []) === socket.json.stringify(now ?? [])) continue;
			for (const map of [users, shown]) {
				if (now) map.set(key, now);
				else map.delete(key);
			}
			change[before ? (now ? 'updated' : 'left') : 'joined'].set(key, now ?? before);
		}
		if (change.joined.size || change.left.size || change.updated.size) socket.emit('$presence', change);
	}

	function leave(channel: Channel, ch: number): void {
		joined.delete(ch);
		forget(channel);
	}

	function forget(channel: Channel): void {
		known.delete(channel.name);
		apply(channel, [], [...channel.devices.keys()]);
	}

	function forgetOthers(): void {
		const current = new Set(joined.values());
		for (const channel of known.values()) if (!current.has(channel)) forget(channel);
	}

	return users;
}
