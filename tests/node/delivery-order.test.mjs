// Acknowledged messages of one type are handled in order, once each, in linear time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeWebSocket, load, open, reconnect, wait } from './page.mjs';

const { deliveries } = await load('deliveries');
const { pacing } = await load('pacing');

/** Rate limit of the server: `count` messages per `seconds`, in bursts of `count`. */
class Limiter {
	#fullAt = 0;

	constructor(count, seconds) {
		this.interval = (seconds * 1000) / count;
		this.most = seconds * 1000;
	}

	/** Return the milliseconds to wait; 0 if the message is admitted. */
	acquire() {
		const now = Date.now();
		const delay = Math.max(this.#fullAt, now) + this.interval - this.most - now;
		if (delay > 1e-6) return Math.floor(delay) + 1;
		this.#fullAt = Math.max(this.#fullAt, now) + this.interval;
		return 0;
	}
}

/** Server that handles one message at a time, and notes those that it has handled. */
class Server {
	/** Values in the order in which they were handled. */
	handled = [];
	refusals = 0;
	received = 0;
	/** Milliseconds of a frame on its way. */
	latency = 0;
	/** Milliseconds of a method. */
	duration = 0;
	limit = () => undefined;
	/** Return true if a message cannot be handled now. */
	fails = () => false;
	#noted = new Set();

	/** Serve a connection of the page. */
	serve(ws) {
		const limiter = this.limit();
		const inbox = [];
		const send = ws.send.bind(ws);
		const answer = (frame) => setTimeout(() => ws.readyState === 1 && ws.receive(frame), this.latency);
		/** First message that was not handled, and the error for those after it. */
		let first;
		const refuse = ({ id }, data) => {
			if (!first || id < first.id) first = { id, data };
			this.refusals++;
			answer({ type: '$error', re: id, data });
		};
		const isEarly = (frame) => {
			if (!first) return false;
			if (frame.after >= first.id) {
				this.refusals++;
				answer({ type: '$error', re: frame.id, data: first.data });
				return true;
			}
			if (frame.id >= first.id) first = undefined;
			return false;
		};
		const handle = () => {
			const frame = inbox[0];
			const end = () => {
				inbox.shift();
				if (inbox.length && ws.readyState === 1) handle();
			};
			if (isEarly(frame)) return end();
			if (this.fails()) {
				refuse(frame, { code: 'unavailable', retryAfterMs: 100 });
				return end();
			}
			if (this.#noted.has(frame.id)) {
				answer({ type: '$ack', re: frame.id });
				return end();
			}
			this.#noted.add(frame.id);
			this.handled.push(frame.data);
			setTimeout(() => {
				answer({ type: '$ack', re: frame.id });
				end();
			}, this.duration);
		};
		const receive = (frame) => {
			this.received++;
			if (ws.readyState !== 1 || isEarly(frame)) return;
			const retryAfterMs = limiter?.acquire();
			if (retryAfterMs) return refuse(frame, { code: 'rate_limited', retryAfterMs });
			if (inbox.push(frame) === 1) handle();
		};
		ws.send = (text) => {
			send(text);
			const frame = JSON.parse(text);
			if (frame.session) setTimeout(() => receive(frame), this.latency);
		};
		return ws;
	}
}

const numbers = (count) => Array.from({ length: count }, (_, index) => index);

/** Deliver `count` messages at once; return the seconds until all are handled. */
async function deliverAll(server, type, count) {
	const [, , deliver] = await open({}, pacing, deliveries);
	server.serve(FakeWebSocket.last);
	const start = Date.now();
	let left = count;
	for (const data of numbers(count)) deliver(type, data).then(() => left--);
	while (left && Date.now() - start < 300_000) await wait(10);
	return (Date.now() - start) / 1000;
}

test('1000 messages beyond their rate are handled in order, and none is sent twice', async () => {
	const server = new Server();
	server.limit = () => new Limiter(100, 1);
	server.latency = 20;

	const seconds = await deliverAll(server, 'quick', 1000);

	assert.deepEqual(server.handled, numbers(1000));
	assert.deepEqual([server.received, server.refusals], [1000, 0]);
	assert.ok(seconds < 12, `${seconds} s`);
});

test('1000 messages beyond a rate that the page does not know are handled in order, in linear time', async () => {
	for (const latency of [0, 40]) {
		const server = new Server();
		server.limit = () => new Limiter(100, 1);
		server.latency = latency;

		const seconds = await deliverAll(server, 'order', 1000);

		assert.deepEqual(server.handled, numbers(1000));
		assert.ok(server.received < 2500, `${server.received} frames`);
		assert.ok(seconds < 40, `${seconds} s`);
	}
});

test('1000 messages without a rate need a few times the latency', async () => {
	const server = new Server();
	server.latency = 100;

	const seconds = await deliverAll(server, 'order', 1000);

	assert.deepEqual(server.handled, numbers(1000));
	assert.equal(server.received, 1000);
	assert.ok(seconds < 2.5, `${seconds} s`);
});

test('messages behind one that was not handled wait for it', async () => {
	const server = new Server();
	const [, deliver] = await open({}, deliveries);
	server.serve(FakeWebSocket.last);
	const failures = [true, false, false];
	server.fails = () => failures.shift() ?? false;

	await Promise.all([numbers(5).map((data) => deliver('order', data)), wait(500)]);

	assert.deepEqual(server.handled, numbers(5));
	assert.deepEqual([server.received, server.refusals], [10, 5]);
});

test('messages of another type do not wait', async () => {
	const [, , deliver] = await open({}, pacing, deliveries);
	const ws = FakeWebSocket.last;
	for (const data of [1, 2, 3]) void deliver('slow', data).catch(() => undefined);
	void deliver('order', 4).catch(() => undefined);

	assert.deepEqual(ws.messages.map(({ data }) => data), [1, 4]);
});

/** Small generator of random numbers, so that each history can be repeated. */
function random(seed) {
	return () => {
		seed = (seed + 0x6d2b79f5) | 0;
		let value = Math.imul(seed ^ (seed >>> 15), 1 | seed);
		value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
		return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
	};
}

test('random histories of lost connections, refusals and withdrawals keep the order', async () => {
	let lost = 0;
	for (let seed = 0; seed < 60; seed++) {
		const chance = random(seed);
		const choose = (...values) => values[Math.floor(chance() * values.length)];
		const server = new Server();
		const faults = choose(0, 0.05, 0.3);
		const [count, seconds] = choose([3, 1], [50, 1], [1, 0.1]);
		server.latency = choose(0, 10, 70);
		server.duration = choose(0, 10, 40);
		server.limit = () => choose(undefined, new Limiter(count, seconds));
		server.fails = () => chance() < faults;
		const [, , deliver] = await open({ backoff: { base: 50 } }, pacing, deliveries);
		server.serve(FakeWebSocket.last);

		const type = choose('order', 'quick');
		const withdrawn = new Set();
		let open_ = 0;
		for (let data = 0; data < 40; data++) {
			const controller = new AbortController();
			if (chance() < 0.1) setTimeout(() => withdrawn.add(data) && controller.abort(), choose(0, 30, 300));
			open_++;
			deliver(type, data, { signal: controller.signal }).then(
				() => open_--,
				() => open_--,
			);
			if (chance() < 0.3) await wait(choose(10, 50));
			if (chance() < 0.04) {
				lost++;
				server.serve(await reconnect()).accept();
			}
		}
		for (let step = 0; open_ && step < 20; step++) {
			if (chance() < 0.3) server.serve(await reconnect()).accept();
			await wait(step < 10 ? 1000 : 5000);
		}

		assert.equal(open_, 0, `seed ${seed}`);
		assert.deepEqual(server.handled, [...server.handled].sort((one, other) => one - other), `seed ${seed}`);
		assert.deepEqual(
			numbers(40).filter((data) => !server.handled.includes(data) && !withdrawn.has(data)),
			[],
			`seed ${seed}`,
		);
	}
	assert.ok(lost > 20);
});
