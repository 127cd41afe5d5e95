// Kept messages leave no faster than the server accepts them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeWebSocket, load, open, reconnect, settle, wait } from './page.mjs';

const { pacing } = await load('pacing');

/** Rate limit of the server: `count` messages per second, in bursts of `count`. */
class Limiter {
	#fullAt = 0;
	refused = 0;

	constructor(count) {
		this.count = count;
	}

	acquire(now) {
		const fullAt = Math.max(this.#fullAt, now) + 1000 / this.count;
		if (fullAt - 1000 - now > 1e-6) this.refused++;
		else this.#fullAt = fullAt;
	}
}

/** Lose the connection of a new client, and return the client. */
async function offline() {
	const [client] = await open({}, pacing);
	FakeWebSocket.last.drop();
	return client;
}

async function accept() {
	await wait(100);
	FakeWebSocket.last.accept();
	await settle();
	return FakeWebSocket.last;
}

const numbers = (ws) => ws.messages.map(({ data }) => data);

test('60 messages at 3 per second leave within 21 s, and the server refuses none', async () => {
	const client = await offline();
	for (let index = 0; index < 60; index++) assert.equal(client.send('move', index), false);
	await wait(100);
	const ws = FakeWebSocket.last;
	const limiter = new Limiter(3);
	const send = ws.send.bind(ws);
	ws.send = (text) => {
		if (JSON.parse(text).type === 'move') limiter.acquire(Date.now());
		send(text);
	};
	ws.accept();
	await wait(10_000);
	assert.ok(ws.messages.length < 35);
	await wait(11_000);
	assert.deepEqual(
		numbers(ws),
		Array.from({ length: 60 }, (_, index) => index),
	);
	assert.equal(limiter.refused, 0);
});

test('messages without a rate leave at once', async () => {
	const client = await offline();
	for (let index = 0; index < 200; index++) client.send('say', index);
	const ws = await accept();
	assert.equal(ws.messages.length, 200);
});

test('messages keep their order, and volatile ones do not wait', async () => {
	const client = await offline();
	for (let index = 0; index < 4; index++) client.send('move', index);
	client.send('say', 4);
	const ws = await accept();
	assert.equal(client.send('say', 5), false);
	assert.equal(client.send('typing'), true);
	await wait(2000);
	assert.deepEqual(numbers(ws), [0, 1, undefined, 2, 3, 4, 5]);
	assert.equal(client.send('say', 6), true);
});

test('messages that wait when the connection is lost leave on the next one, once each', async () => {
	const client = await offline();
	for (let index = 0; index < 6; index++) client.send('move', index);
	const first = await accept();
	assert.deepEqual(numbers(first), [0, 1]);
	const second = await reconnect();
	await wait(1000);
	second.accept();
	await wait(3000);
	assert.deepEqual(numbers(second), [2, 3, 4, 5]);
	assert.deepEqual(numbers(first), [0, 1]);
});

test('messages that wait when the client is closed are dropped', async () => {
	const client = await offline();
	for (let index = 0; index < 6; index++) client.send('move', index);
	await accept();
	client.close();
	client.open();
	await settle();
	FakeWebSocket.last.accept();
	await wait(5000);
	assert.deepEqual(numbers(FakeWebSocket.last), []);
});
