// Random histories of one channel: `node channels.mjs HISTORIES SEED [CHANGE]`.
//
// Redis fails over and loses its latest writes, processes restart, pub/sub loses and reorders, pages come and go. Pages run the
// channels of the client; the other parts are models. Each page must have applied the acknowledged messages in order, once each,
// from its position after the latest reset. CHANGE removes one rule from the client, so that the run must fail.
import { compileRuntime } from './runtime.mjs';

const CHANGES = {
	marks: [
		['channel', ' || mark !== position.mark) this.#resume()', ') this.#resume()'],
		['channel', '(frame.seq === seq && frame.mark !== mark)', 'false'],
	],
	hold: [['channel', 'if (!this.#isResuming) return', 'if (true) return']],
	'any-difference': [
		[
			'channel',
			'if (epoch !== position.epoch || seq !== position.seq || mark !== position.mark) this.#resume();',
			'if (epoch !== position.epoch || seq < position.seq) this.#resume();',
		],
	],
	gaps: [['channel', 'frame.seq > seq + 1 || ', '']],
	once: [['channel', 'else if (frame.seq === seq + 1)', 'else']],
	'few-held': [['channel', 'MAX_HELD = 1000', 'MAX_HELD = 2']], // keeps the promise
};
const KEPT = 8;
const NONE = 1e-9;
const [histories, firstSeed, change] = process.argv.slice(2);
const { channels } = await compileRuntime(change ? CHANGES[change] : [])('channels');

/** Random numbers from 0 to 1 with a seed (mulberry32). */
function randomOf(seed) {
	return () => {
		seed = (seed + 0x6d2b79f5) | 0;
		let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

class Redis {
	constructor(random) {
		Object.assign(this, { random, epoch: 'e0', seq: 0, mark: '', stream: [], seen: new Set(), all: new Map() });
		this.replicate();
	}

	get position() {
		return { epoch: this.epoch, seq: this.seq, mark: this.mark };
	}

	replicate() {
		const { epoch, seq, mark, stream, seen, all } = this;
		this.replica = { epoch, seq, mark, stream, seen: new Set(seen), all: new Map(all) };
	}

	/** Lose the latest writes. */
	failOver() {
		Object.assign(this, this.replica);
		this.replicate();
	}

	flush() {
		Object.assign(this, { epoch: `e${this.random()}`, seq: 0, mark: '', stream: [], seen: new Set() });
	}

	publish(id, text) {
		if (this.seen.has(id)) return undefined;
		const entry = { epoch: this.epoch, seq: ++this.seq, mark: this.random().toString(36).slice(2, 8), previous: this.mark, text };
		this.mark = entry.mark;
		this.seen.add(id);
		this.stream = [...this.stream, entry].slice(-KEPT);
		this.all.set(`${entry.epoch} ${entry.seq}`, text); // the surviving history, for the check alone
		return entry;
	}

	renew(old) {
		if (this.epoch === old) Object.assign(this, { epoch: `e${this.random()}`, seq: 0, mark: '', stream: [] });
	}

	/** Return the entries after a position; undefined if they are not kept, or the position belongs to another history. */
	after({ epoch, seq, mark }) {
		if (epoch !== this.epoch || seq > this.seq) return undefined;
		if (seq === this.seq) return mark === this.mark ? [] : undefined;
		const rest = this.stream.filter((entry) => entry.seq > seq);
		return rest[0]?.seq === seq + 1 && rest[0].previous === mark ? rest : undefined;
	}
}

class Process {
	constructor(redis) {
		Object.assign(this, { redis, bus: [], pages: [], ring: [], position: redis.position, resets: 0 });
	}

	deliver(entry) {
		const { epoch, seq, mark } = entry;
		this.position = { epoch, seq, mark };
		this.ring = [...this.ring, entry].slice(-KEPT);
		for (const page of this.pages) page.push(entry);
	}

	reset() {
		this.resets++;
		this.position = this.redis.position;
		this.ring = [];
		for (const page of this.pages) page.link.push({ type: '$reset', data: { ch: page.ch, ...this.position } });
	}

	diverge() {
		this.redis.renew(this.position.epoch);
		this.reset();
	}

	catchUp() {
		const { redis } = this;
		const { epoch, seq, mark } = this.position;
		const isSame = redis.epoch === epoch;
		if (isSame && (redis.seq < seq || (redis.seq === seq && redis.mark !== mark))) return this.diverge();
		const missed = redis.after(this.position);
		if (missed) for (const entry of missed) this.deliver(entry);
		else if (isSame && redis.stream.some((entry) => entry.seq === seq && entry.mark !== mark)) this.diverge();
		else this.reset();
	}

	hear(entry) {
		const { epoch, seq, mark } = this.position;
		if (entry.epoch !== epoch || entry.seq > seq + 1) this.catchUp();
		else if (entry.seq === seq + 1) {
			if (entry.previous === mark) this.deliver(entry);
			else this.diverge();
		} else if (!this.ring.some((other) => other.seq === entry.seq && other.mark === entry.mark)) this.catchUp();
	}

	resume(page, position) {
		const { resets } = this;
		if (position.seq > this.position.seq || position.epoch !== this.position.epoch) this.catchUp();
		let missed;
		const ring = this.ring.filter((entry) => entry.seq > position.seq);
		const isSame = position.epoch === this.position.epoch;
		if (isSame && position.seq === this.position.seq) missed = position.mark === this.position.mark ? [] : undefined;
		else if (isSame && ring[0]?.seq === position.seq + 1 && ring[0].previous === position.mark) missed = ring;
		else {
			this.catchUp();
			missed = this.redis.after(position)?.filter((entry) => entry.seq <= this.position.seq);
		}
		if (this.resets !== resets && this.redis.random() < 0.5) return; // `$reset` was the answer
		for (const entry of missed ?? []) page.push(entry);
		const answer = missed ? { recovered: true } : { recovered: false, ...this.position };
		page.link.push({ type: '$resumed', data: { ch: page.ch, ...answer } });
	}
}

class Page {
	endpoint = { server: {} };
	state = { status: 'open' };
	process = undefined;
	link = [];
	ch = 0;
	/** Entries applied since the latest reset, and the position before the first one; undefined after a loss without position. */
	applied = [];
	start = undefined;
	losses = 0;
	recovered = undefined;
	#listeners = {};

	constructor(random, faults) {
		Object.assign(this, { random, faults });
		channels(this); // replaces receiveFrame
	}

	listen(name, listener) {
		this.#listeners[name] = listener;
	}

	receiveFrame({ type, data, ch, seq }) {
		if (type !== 'said' || ch !== undefined || seq !== data.seq) throw new Error(`unexpected frame ${type}`);
		this.applied.push(data);
	}

	sendFrame({ type, data: { ch, ...position } }) {
		if (type !== '$resume' || ch !== this.ch) throw new Error('unexpected frame to the server');
		this.process.resume(this, position);
	}

	update({ recovered }) {
		this.recovered = recovered;
	}

	emit(type, { channel, recovered }) {
		if (channel !== 'room') throw new Error('unexpected channel');
		if (type === '$resumed' && recovered) return;
		this.losses++;
		this.applied = [];
		this.start = this.current?.data.epoch === undefined ? undefined : this.current.data;
	}

	/** Put a message on the link; it may be lost, repeated, or overtake the one before it. */
	push(entry) {
		const { seq, mark } = entry;
		const frame = { type: 'said', ch: this.ch, seq, mark, data: entry };
		const fault = this.random() / this.faults;
		if (fault < 0.3) return;
		if (fault < 0.6 && this.link.at(-1)?.type === 'said') this.link.splice(-1, 0, frame);
		else this.link.push(...(fault < 1 ? [frame, frame] : [frame]));
	}

	join(process) {
		this.process = process;
		this.link = [];
		this.ch++;
		process.pages.push(this);
		this.#listeners.$hello();
		this.link.push({ type: '$joined', data: { ch: this.ch, channel: 'room', ...process.position } });
	}

	drop() {
		if (this.process) this.process.pages = this.process.pages.filter((other) => other !== this);
		this.process = undefined;
		this.recovered = undefined;
		this.link = [];
	}

	step() {
		const frame = this.link.shift();
		if (frame.type === '$joined') this.start ??= this.applied.length || this.losses ? undefined : frame.data;
		this.current = frame.type[0] === '$' ? frame : undefined;
		this.receiveFrame(JSON.parse(JSON.stringify(frame)));
	}

	check() {
		const run = this.start ? [this.start, ...this.applied] : this.applied;
		for (const [index, next] of run.slice(1).entries()) {
			const { epoch, seq, mark } = run[index];
			if (next.epoch !== epoch || next.seq !== seq + 1) throw new Error(`order: ${epoch} ${seq}, ${next.epoch} ${next.seq}`);
			if (next.previous !== mark) throw new Error(`another history: ${epoch} ${next.seq}`);
		}
		if (new Set(this.applied.map(({ text }) => text)).size !== this.applied.length) throw new Error('twice');
	}

	checkEnd(redis) {
		const { epoch, seq } = this.applied.at(-1) ?? this.start ?? redis; // a page that gives up reports no position
		if (this.link.length) throw new Error('frames left');
		if (epoch !== redis.epoch || seq !== redis.seq) throw new Error(`ends elsewhere: ${epoch} ${seq} ${redis.epoch} ${redis.seq}`);
		for (const { epoch, seq, text } of this.applied)
			if (redis.all.get(`${epoch} ${seq}`) !== text) throw new Error(`silent hole: ${epoch} ${seq} ${text}`);
	}
}

function play(seed, steps = 140) {
	const random = randomOf(seed);
	const choose = (items) => items[Math.floor(random() * items.length)];
	const redis = new Redis(random);
	const processes = Array.from({ length: choose([1, 2, 3]) }, () => new Process(redis));
	const faults = choose([NONE, 0.03]);
	const failures = choose([1, 5]);
	const pages = Array.from({ length: 3 }, () => new Page(random, faults));
	let count = 0;
	const publish = (id) => {
		const entry = redis.publish(id, `m${id}`);
		for (const process of processes) if (entry && random() > 0.15) process.bus.push(entry); // else pub/sub loses it
	};
	for (let step = 0; step < steps; step++) {
		const kind = random();
		if (kind < 0.3) {
			publish(++count);
			if (random() < 0.1) publish(count); // it timed out, and is sent again
		} else if (kind < 0.55) {
			const process = choose(processes);
			if (process.bus.length) process.hear(random() < 0.9 ? process.bus.shift() : process.bus.pop());
		} else if (kind < 0.8) {
			const page = choose(pages);
			if (page.link.length) page.step();
		} else if (kind < 0.88) {
			const page = choose(pages);
			if (page.process) page.drop();
			else page.join(choose(processes));
		} else if (kind < 0.92) redis.replicate();
		else if (kind < 0.92 + failures * 0.015) redis.failOver();
		else if (kind < 0.93 + failures * 0.015) redis.flush();
		else if (kind < 0.94 + failures * 0.015) {
			const index = Math.floor(random() * processes.length);
			for (const page of [...processes[index].pages]) page.drop();
			processes[index] = new Process(redis);
		} else choose(processes).catchUp();
		for (const page of pages) page.check();
	}
	for (const page of pages) {
		page.faults = NONE;
		if (!page.process) page.join(choose(processes));
	}
	for (let round = 0; round < 6; round++) {
		for (const process of processes) {
			process.bus = [];
			process.catchUp();
		}
		if (!round) publish(++count); // reveals a message that a link has lost
		for (const page of pages) while (page.link.length) page.step();
	}
	for (const page of pages) {
		page.check();
		page.checkEnd(redis);
	}
	return pages.reduce((sum, { losses }) => sum + losses, 0);
}

let losses = 0;
for (let seed = Number(firstSeed); seed < Number(firstSeed) + Number(histories); seed++) {
	try {
		losses += play(seed);
	} catch (error) {
		process.stdout.write(`${JSON.stringify({ seed, error: error.message })}\n`);
		process.exit(1);
	}
}
process.stdout.write(`${JSON.stringify({ histories: Number(histories), losses })}\n`);
