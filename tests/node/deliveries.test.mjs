// Messages that are sent until the server has acknowledged them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeWebSocket, load, open, reconnect, settle, wait } from './page.mjs';

const { deliveries } = await load('deliveries');
const { confirmations } = await load('confirmations');
const { pacing } = await load('pacing');

/** Record the outcome of a promise. */
function watch(promise) {
	const outcome = { is: 'pending' };
	promise.then(
		() => (outcome.is = 'delivered'),
		(error) => Object.assign(outcome, { is: 'failed', error }),
	);
	return outcome;
}

const sent = (ws) => ws.messages.map(({ data }) => data);
const acknowledge = (ws, index) => ws.receive({ type: '$ack', re: ws.messages[index].id });
/** Move the clock while the server answers pings. */
async function waitOpen(milliseconds) {
	for (let left = milliseconds; left > 0; left -= 20_000) {
		FakeWebSocket.last.receive({ type: '$pong', data: { received: 0 } });
		await wait(Math.min(20_000, left));
	}
}

/** Return the delays of the timers that start meanwhile and that browsers end at once. */
async function timersOf(act) {
	const { setTimeout } = globalThis;
	const found = [];
	globalThis.setTimeout = (callback, delay) => {
		if (!(delay < 2 ** 31)) found.push(delay);
		return setTimeout(callback, delay);
	};
	await act();
	globalThis.setTimeout = setTimeout;
	return found;
}

const refuse = (ws, index, data) => ws.receive({ type: '$error', re: ws.messages[index].id, data });

test('promise resolves when the server acknowledges the message', async () => {
	const [, deliver] = await open({}, deliveries);
	const [one, two] = [watch(deliver('order', 1)), watch(deliver('order', 2))];
	const ws = FakeWebSocket.last;
	const [{ id, session, ...rest }, second] = ws.messages;
	assert.match(session, /^[\w-]{22}$/);
	assert.equal(second.session, session);
	assert.notEqual(second.id, id);
	assert.deepEqual(rest, { type: 'order', data: 1 });

	await wait(20_000);
	acknowledge(ws, 1);
	await settle();
	assert.deepEqual([one.is, two.is], ['pending', 'delivered']);
	acknowledge(ws, 0);
	await settle();
	assert.equal(one.is, 'delivered');
});

test('messages without an acknowledgement are sent again in order, under the same id, before others', async () => {
	const [client, deliver] = await open({}, deliveries);
	const outcomes = [1, 2, 3].map((data) => watch(deliver('order', data)));
	const first = FakeWebSocket.last;
	acknowledge(first, 1);
	first.drop();
	client.send('say', 'kept');
	outcomes.push(watch(deliver('order', 4)));
	await wait(100);
	const second = FakeWebSocket.last;
	second.accept();

	assert.deepEqual(sent(second), [1, 3, 'kept', 4]);
	const ids = first.messages.map(({ id }) => id);
	assert.deepEqual(
		second.messages.slice(0, 2).map(({ id, session }) => ({ id, session })),
		[ids[0], ids[2]].map((id) => ({ id, session: first.messages[0].session })),
	);
	for (const index of [0, 1, 3]) acknowledge(second, index);
	await settle();
	assert.deepEqual(outcomes.map(({ is }) => is), Array(4).fill('delivered'));

	const third = await reconnect();
	third.accept();
	assert.deepEqual(sent(third), []);
});

test('message that was never sent is sent once', async () => {
	const [, deliver] = await open({}, deliveries);
	FakeWebSocket.last.drop();
	const outcome = watch(deliver('order', 1));
	await wait(100);
	const ws = FakeWebSocket.last;
	ws.accept();
	assert.deepEqual(sent(ws), [1]);
	acknowledge(ws, 0);
	await settle();
	assert.equal(outcome.is, 'delivered');
});

test('promise rejects with the error of the server', async () => {
	const [client, deliver] = await open({}, deliveries);
	const refusals = [];
	client.listen('$error', (error) => refusals.push(error));
	const outcome = watch(deliver('order', 1));
	refuse(FakeWebSocket.last, 0, { code: 'sold_out', message: 'no more' });
	await settle();
	assert.deepEqual([outcome.error.name, outcome.error.code], ['Refused', 'sold_out']);
	assert.deepEqual(refusals, []);
	const next = await reconnect();
	next.accept();
	assert.deepEqual(sent(next), []);
});

test('message that the server could not handle is sent again after the required time', async () => {
	const [, deliver] = await open({}, deliveries);
	const outcome = watch(deliver('order', 1));
	const ws = FakeWebSocket.last;
	refuse(ws, 0, { code: 'rate_limited', retryable: true, retryAfterMs: 300 });
	await wait(290);
	assert.equal(ws.messages.length, 1);
	await wait(20);
	assert.deepEqual(ws.messages[1], ws.messages[0]);
	refuse(ws, 1, { code: 'unavailable', retryable: true, retryAfterMs: 1000 });
	await wait(990);
	assert.equal(ws.messages.length, 2);
	await wait(20);
	assert.equal(ws.messages.length, 3);
	acknowledge(ws, 2);
	await settle();
	assert.equal(outcome.is, 'delivered');
	await wait(5000);
	assert.equal(ws.messages.length, 3);
});

test('attempt that waits when the connection is lost is made on the next one, once', async () => {
	const [, deliver] = await open({}, deliveries);
	const outcome = watch(deliver('order', 1));
	refuse(FakeWebSocket.last, 0, { code: 'unavailable', retryable: true, retryAfterMs: 500 });
	const next = await reconnect();
	next.accept();
	await wait(2000);
	assert.deepEqual(sent(next), [1]);
	acknowledge(next, 0);
	await settle();
	assert.equal(outcome.is, 'delivered');
});

test('message is not sent again after the server has forgotten it', async () => {
	const [client, deliver] = await open({ connectTimeout: 1e9 }, deliveries);
	const early = watch(deliver('order', 'early'));
	FakeWebSocket.last.drop();
	await wait(60_000);
	const late = watch(deliver('order', 'late'));
	await wait(60_000);
	FakeWebSocket.last.accept();
	await settle();
	assert.equal(early.error.message, 'no acknowledgement');
	assert.deepEqual(sent(FakeWebSocket.last), ['late']);
	FakeWebSocket.last.drop();
	await wait(60_000);
	FakeWebSocket.last.accept();
	assert.deepEqual(sent(FakeWebSocket.last), ['late']);
	assert.equal(late.is, 'pending');
	client.close();
});

test('attempts go on while the server cannot handle the message', async () => {
	const [, deliver] = await open({}, deliveries);
	const outcome = watch(deliver('order', 1));
	const ws = FakeWebSocket.last;
	for (let attempt = 0; attempt < 30; attempt++) {
		refuse(ws, attempt, { code: 'unavailable', retryable: true, retryAfterMs: 10_000 });
		await wait(10_010);
	}
	assert.equal(ws.messages.length, 31);
	acknowledge(ws, 30);
	await settle();
	assert.equal(outcome.is, 'delivered');
});

test('other retryable errors are outcomes', async () => {
	const [, deliver] = await open({}, deliveries);
	for (const data of [
		{ code: 'busy', message: 'later', retryable: true, retryAfterMs: 300 },
		{ code: 'unavailable', message: 'from the method', retryable: true },
	]) {
		const outcome = watch(deliver('order', 1));
		refuse(FakeWebSocket.last, FakeWebSocket.last.messages.length - 1, data);
		await settle();
		assert.equal(outcome.error.code, data.code);
	}
	await wait(5000);
	assert.equal(FakeWebSocket.last.messages.length, 2);
});

test('message that waits behind others is not sent again after the server has forgotten it', async () => {
	const [, deliver] = await open({ connectTimeout: 1e9 }, deliveries);
	const outcomes = [1, 2].map((data) => watch(deliver('order', data)));
	FakeWebSocket.last.drop();
	await wait(50_000);
	const ws = FakeWebSocket.last;
	ws.accept();
	refuse(ws, 0, { code: 'unavailable', retryAfterMs: 70_000 });
	refuse(ws, 1, { code: 'unavailable', retryAfterMs: 70_000 });
	await waitOpen(59_000);
	assert.deepEqual(outcomes.map(({ is }) => is), ['pending', 'pending']);
	await waitOpen(2000);
	assert.deepEqual(outcomes.map(({ error }) => error?.message), Array(2).fill('no acknowledgement'));
	await waitOpen(100_000);
	assert.deepEqual(sent(ws), [1, 2]);
});

test('message that the server refuses for a time beyond timers is not sent in a loop', async () => {
	const [, deliver] = await open({}, deliveries);
	const outcome = watch(deliver('order', 1));
	const timers = await timersOf(() => refuse(FakeWebSocket.last, 0, { code: 'unavailable', retryAfterMs: 2 ** 40 }));
	assert.deepEqual(timers, []);
	assert.equal(outcome.is, 'pending');
});

test('message that was never sent may wait for longer', async () => {
	const [, deliver] = await open({}, deliveries);
	const [first, second] = [watch(deliver('slow', 1)), watch(deliver('slow', 2))];
	const ws = FakeWebSocket.last;
	acknowledge(ws, 0);
	await waitOpen(104_000);
	assert.deepEqual([first.is, second.is, ...sent(ws)], ['delivered', 'pending', 1]);
	await wait(2000);
	acknowledge(ws, 1);
	await settle();
	assert.deepEqual([second.is, ...sent(ws)], ['delivered', 1, 2]);
});

test('signal ends the attempts', async () => {
	const [, deliver] = await open({}, deliveries);
	const controller = new AbortController();
	const outcome = watch(deliver('order', 1, { signal: controller.signal }));
	controller.abort();
	await settle();
	assert.equal(outcome.error.name, 'AbortError');
	FakeWebSocket.last.drop();
	const kept = watch(deliver('order', 2, { signal: AbortSignal.abort() }));
	const other = new AbortController();
	const withdrawn = watch(deliver('order', 3, { signal: other.signal }));
	other.abort();
	await wait(100);
	FakeWebSocket.last.accept();
	await settle();
	assert.deepEqual([kept.error.name, withdrawn.error.name], ['AbortError', 'AbortError']);
	assert.deepEqual(sent(FakeWebSocket.last), []);
});

test('close and final errors reject messages without an acknowledgement', async () => {
	for (const end of [(client) => client.close(), () => FakeWebSocket.last.drop(4403)]) {
		const [client, deliver] = await open({}, deliveries);
		const outcome = watch(deliver('order', 1));
		end(client);
		await settle();
		assert.equal(outcome.error.name, 'SocketError');
		client.open();
		await settle();
		FakeWebSocket.last.accept();
		assert.deepEqual(sent(FakeWebSocket.last), []);
	}
});

test('message that cannot be sent is rejected and forgotten', async () => {
	const [client, deliver] = await open({ outbox: 1 }, deliveries);
	assert.equal(watch(deliver('order', 'x'.repeat(200))).is, 'pending');
	await assert.rejects(deliver('order', 'x'.repeat(200)), { code: 'too_big' });
	FakeWebSocket.last.drop();
	client.send('say', 1);
	await assert.rejects(deliver('order', 1), { message: 'outbox full' });
	await wait(100);
	FakeWebSocket.last.accept();
	assert.deepEqual(sent(FakeWebSocket.last), [1]);
});

test('acknowledged messages are not handed over as unconfirmed', async () => {
	const handed = [];
	const [client, deliver] = await open({}, deliveries, (client) => confirmations(client, (messages) => handed.push(messages)));
	watch(deliver('order', 1));
	client.close();
	assert.deepEqual(handed, []);
});

test('messages that are sent again while others are paced keep their order', async () => {
	const [client, deliver] = await open({}, pacing, deliveries).then(([client, , deliver]) => [client, deliver]);
	watch(deliver('order', 'a'));
	FakeWebSocket.last.drop();
	for (let index = 0; index < 4; index++) client.send('move', index);
	await wait(100);
	const ws = FakeWebSocket.last;
	ws.accept();
	watch(deliver('order', 'b'));
	await wait(2000);
	assert.deepEqual(sent(ws), ['a', 0, 1, 2, 3, 'b']);
	const next = await reconnect();
	next.accept();
	assert.deepEqual(sent(next), ['a', 'b']);
});
