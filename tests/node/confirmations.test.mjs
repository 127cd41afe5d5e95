// Heartbeats, unconfirmed messages, sizes and cancelled requests.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeWebSocket, endpoint, load, open as openWith, settle, wait } from './page.mjs';

const { confirmations } = await load('confirmations');

const open = ({ onunconfirmed } = {}) => openWith({}, (client) => confirmations(client, onunconfirmed));

const texts = (messages) => messages.map(({ data }) => data);

test('silent server is pinged after the interval of heartbeats', async () => {
	await open();
	const ws = FakeWebSocket.last;
	await wait(24_900);
	assert.equal(ws.pings, 0);
	await wait(200);
	assert.equal(ws.pings, 1);
});

test('frames from the server delay the next ping', async () => {
	await open();
	const ws = FakeWebSocket.last;
	await wait(20_000);
	ws.receive({ type: 'note', data: 1 });
	await wait(24_900);
	assert.equal(ws.pings, 0);
	await wait(200);
	assert.equal(ws.pings, 1);
	ws.receive({ type: '$pong', data: { received: 1 } });
	await wait(24_900);
	assert.equal(ws.pings, 1);
});

test('connection fails without a frame for another interval', async () => {
	const errors = [];
	const [client] = await open();
	client.listen('$state', ({ error }) => error && errors.push(error.message));
	await wait(49_900);
	assert.deepEqual(errors, []);
	await wait(200);
	assert.equal(errors[0], 'no answer');
});

test('three messages into a dead link are unconfirmed and handed over when the connection ends', async () => {
	const handed = [];
	const events = [];
	const [client] = await open({ onunconfirmed: (messages) => handed.push(texts(messages)) });
	client.listen('$unconfirmed', (messages) => events.push(client.state.status, messages));

	assert.deepEqual([client.send('say', 1), client.send('say', 2), client.send('say', 3)], [true, true, true]);
	await wait(150);
	assert.equal(client.state.unconfirmed, 3);
	await wait(60_000);

	assert.deepEqual(handed, [[1, 2, 3]]);
	assert.deepEqual(events, ['waiting', [1, 2, 3].map((data) => ({ type: 'say', data }))]);
});

test('message that is sent again in onunconfirmed waits for the next connection', async () => {
	const [client] = await open();
	client.listen('$unconfirmed', (messages) => {
		if (client.state.status === 'waiting') for (const { type, data } of messages) client.send(type, data);
	});
	client.send('say', 1);
	FakeWebSocket.last.drop();
	await wait(100);
	FakeWebSocket.last.accept();
	assert.deepEqual(texts(FakeWebSocket.last.messages), [1]);
});

test('server is asked to confirm once for a burst, and at most once a second', async () => {
	const [client] = await open();
	const ws = FakeWebSocket.last;
	for (let index = 0; index < 50; index++) client.send('say', index);
	await wait(90);
	assert.equal(ws.pings, 0);
	await wait(20);
	assert.equal(ws.pings, 1);
	client.send('say', 'more');
	await wait(900);
	assert.equal(ws.pings, 1);
	await wait(100);
	assert.equal(ws.pings, 2);
});

test('confirmed messages are not handed over', async () => {
	const handed = [];
	const [client] = await open({ onunconfirmed: (messages) => handed.push(texts(messages)) });
	const ws = FakeWebSocket.last;
	for (const data of [1, 2, 3]) client.send('say', data);
	await wait(110);
	ws.receive({ type: '$pong', data: { received: 4 } });
	assert.equal(client.state.unconfirmed, 0);
	await wait(5000);
	assert.equal(ws.pings, 1);
	client.close();
	assert.deepEqual(handed, []);
});

test('messages after the confirmed ones are handed over', async () => {
	const handed = [];
	const [client] = await open({ onunconfirmed: (messages) => handed.push(texts(messages)) });
	const ws = FakeWebSocket.last;
	for (const data of [1, 2]) client.send('say', data);
	await wait(110);
	client.send('say', 3);
	ws.receive({ type: '$pong', data: { received: 3 } });
	client.send('say', 4);
	assert.equal(client.state.unconfirmed, 1); // when it was counted
	ws.drop();
	assert.equal(client.state.unconfirmed, 2); // of the last connection
	assert.deepEqual(handed, [[3, 4]]);
	await wait(100);
	FakeWebSocket.last.accept();
	assert.equal(client.state.unconfirmed, 0);
	client.close();
	assert.equal(handed.length, 1);
});

test('requests, volatile messages and frames of the protocol are not handed over', async () => {
	const handed = [];
	const [client] = await open({ onunconfirmed: (messages) => handed.push(texts(messages)) });
	const cancel = client.sendRequest('ask', 1, () => undefined, () => undefined);
	client.send('typing');
	cancel();
	client.sendFrame({ type: '$resume', data: {} });
	client.sendFrame({ type: 'confirm', re: 7, data: true });
	await wait(110);
	assert.equal(client.state.unconfirmed, 0);
	assert.equal(FakeWebSocket.last.pings, 0);
	client.close();
	assert.deepEqual(handed, []);
});

test('the newest 1024 frames are remembered, and older messages counted', async () => {
	const handed = [];
	const [client] = await open({ onunconfirmed: (messages) => handed.push(...texts(messages)) });
	for (let index = 0; index < 1500; index++) client.send('say', index);
	FakeWebSocket.last.drop();
	assert.equal(client.state.unconfirmed, 1500);
	assert.deepEqual([handed.length, handed[0], handed.at(-1)], [1024, 476, 1499]);
});

test('other servers are not asked', async () => {
	const handed = [];
	const [client] = await open({ onunconfirmed: (messages) => handed.push(messages) });
	client.reconnect();
	await settle();
	const ws = FakeWebSocket.last;
	ws.readyState = 1;
	ws.protocol = 'other';
	ws.onopen();
	assert.equal(client.send('say', 1), true);
	await wait(120_000);
	assert.equal(ws.pings, 0);
	assert.equal(client.state.unconfirmed, 0);
	client.close();
	assert.deepEqual(handed, []);
});

test('message for a connection that is closing is kept', async () => {
	const [client] = await open();
	FakeWebSocket.last.readyState = 2;
	assert.equal(client.send('say', 1), false);
	FakeWebSocket.last.drop(1001);
	await wait(100);
	FakeWebSocket.last.accept();
	assert.deepEqual(texts(FakeWebSocket.last.messages), [1]);
});

test('message that is larger than the server accepts is refused by send', async () => {
	const [client] = await open();
	const bytes = JSON.stringify({ type: 'say', data: '' }).length;
	assert.equal(client.send('say', 'x'.repeat(endpoint.messageBytes - bytes)), true);
	assert.equal(client.send('say', 'é'.repeat((endpoint.messageBytes - bytes) / 2)), true);
	for (const text of ['x'.repeat(endpoint.messageBytes - bytes + 1), 'é'.repeat((endpoint.messageBytes - bytes) / 2 + 1)]) {
		assert.throws(() => client.send('say', text), {
			name: 'InvalidMessage',
			code: 'too_big',
			expected: 100,
			message: 'say: expected at most 100 bytes',
		});
	}
	assert.equal(FakeWebSocket.last.messages.length, 2);
});

test('last event of the state has the number of unconfirmed messages of the ended connection', async () => {
	const counts = [];
	const [client] = await open();
	client.listen('$state', ({ unconfirmed }) => counts.push(unconfirmed));
	client.send('say', 1);
	FakeWebSocket.last.drop();

	assert.equal(client.state.unconfirmed, 1);
	assert.equal(counts.at(-1), 1);
});

test('answer to a request that the page has cancelled is not a refusal', async () => {
	const errors = [];
	const [client] = await open();
	client.listen('$error', (error) => errors.push(error.code));
	const cancel = client.sendRequest('ask', 1, () => undefined, () => undefined);
	const { id } = FakeWebSocket.last.messages[0];
	cancel();
	FakeWebSocket.last.receive({ type: '$error', re: id, data: { code: 'cancelled', message: 'cancelled by the client' } });
	FakeWebSocket.last.receive({ type: '$error', data: { code: 'internal', message: 'internal error' } });

	assert.deepEqual(errors, ['internal']);
	assert.equal(client.state.lastRefusal.code, 'internal');
});
