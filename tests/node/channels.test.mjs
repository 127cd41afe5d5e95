// Channels of a connection; `channels.mjs` plays random histories.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpoint, FakeWebSocket, load, open, reconnect } from './page.mjs';

const { channels } = await load('channels');

const at = (seq, epoch = 'e') => ({ epoch, seq, mark: `m${seq}` });
const joined = (ch, channel, position) => ({ type: '$joined', data: { ch, channel, ...position } });
const said = (ch, seq, data = seq) => ({ type: 'said', ch, seq, mark: `m${seq}`, data });
const resumed = (ch, position) => ({ type: '$resumed', data: { ch, recovered: !position, ...position } });
const sent = (ws) => ws.sent.filter(({ type }) => type === '$resume').map(({ data }) => data);

/** Open a client with channels; record its messages and events. */
async function page() {
	const [client] = await open({}, channels);
	const log = { said: [], events: [], states: [] };
	client.listen('said', (data) => log.said.push(data));
	client.listen('$resumed', (data) => log.events.push(data));
	client.listen('$reset', (data) => log.events.push({ reset: data.channel }));
	client.listen('$state', ({ recovered }) => recovered !== log.states.at(-1) && log.states.push(recovered));
	return [client, log];
}

async function again() {
	const ws = await reconnect();
	ws.accept();
	return ws;
}

test('kept messages reach listeners in the order of their numbers, with their number', async () => {
	const [client, log] = await page();
	const messages = [];
	client.listen('$message', (message) => messages.push(message));
	FakeWebSocket.last.receive(joined(7, 'a', at(3)), said(7, 4), { type: '$skip', ch: 7, seq: 5, mark: 'm5' }, said(7, 6));
	assert.deepEqual(log.said, [4, 6]);
	assert.deepEqual(messages, [4, 6].map((seq) => ({ type: 'said', seq, data: seq })));
	assert.deepEqual(sent(FakeWebSocket.last), []);
});

test('messages without a channel are not numbered', async () => {
	const [, log] = await page();
	FakeWebSocket.last.receive({ type: 'said', data: { ch: 5 } });
	assert.deepEqual(log.said, [{ ch: 5 }]);
});

test('frames of an unknown channel are dropped', async () => {
	const [client, log] = await page();
	FakeWebSocket.last.receive(said(7, 4), resumed(7), { type: '$reset', data: { ch: 7, ...at(0) } }, { type: '$left', data: { ch: 7 } });
	assert.deepEqual([log.said, log.events, client.state.recovered], [[], [], undefined]);
});

test('invalid message is reported, and the next one is applied', async () => {
	const [client, log] = await page();
	const invalid = [];
	client.listen('$invalid', ({ code }) => invalid.push(code));
	FakeWebSocket.last.receive(joined(7, 'a', at(3)), { ...said(7, 4), type: 'other' }, said(7, 5));
	assert.deepEqual([log.said, invalid], [[5], ['unknown_message']]);
});

test('repeated messages are dropped, and a gap is requested', async () => {
	const [, log] = await page();
	const ws = FakeWebSocket.last;
	ws.receive(joined(7, 'a', at(3)), said(7, 4), said(7, 4), said(7, 3), said(7, 7));
	assert.deepEqual(sent(ws), [{ ch: 7, ...at(4) }]);
	ws.receive(said(7, 8), said(7, 6), said(7, 5), said(7, 7));
	assert.deepEqual(log.said, [4]);
	ws.receive(resumed(7));
	assert.deepEqual(log.said, [4, 5, 6, 7, 8]);
	assert.deepEqual(log.events, [{ channel: 'a', recovered: true }]);
});

test('channel that is joined at its own position is recovered without a request', async () => {
	const [client, log] = await page();
	FakeWebSocket.last.receive(joined(7, 'a', at(3)), said(7, 4));
	const ws = await again();
	assert.equal(client.state.recovered, undefined);
	ws.receive(joined(2, 'a', at(4)));
	assert.deepEqual(sent(ws), []);
	assert.equal(client.state.recovered, true);
	assert.deepEqual(log.events, [{ channel: 'a', recovered: true }]);
});

for (const [difference, position] of Object.entries({
	'higher number': at(6),
	'lower number': at(2),
	'another epoch': at(4, 'f'),
	'another mark': { ...at(4), mark: 'x' },
})) {
	test(`channel is resumed if the server has ${difference}`, async () => {
		const [, log] = await page();
		FakeWebSocket.last.receive(joined(7, 'a', at(3)), said(7, 4));
		const ws = await again();
		ws.receive(joined(2, 'a', position));
		assert.deepEqual(sent(ws), [{ ch: 2, ...at(4) }]);
		ws.receive(said(2, 5));
		assert.deepEqual(log.said, [4]);
	});
}

test('recovered is undefined until all channels are answered, and false if one is lost', async () => {
	const [client, log] = await page();
	FakeWebSocket.last.receive(joined(1, 'a', at(3)), joined(2, 'b', at(3)));
	for (const [answer, recovered] of [
		[resumed(1), true],
		[resumed(1, at(9)), false],
		[resumed(1), true],
	]) {
		const ws = await again();
		assert.equal(client.state.recovered, undefined);
		ws.receive(joined(1, 'a', at(20)), joined(2, 'b', at(20)), answer);
		assert.equal(client.state.recovered, undefined);
		ws.receive(resumed(2));
		assert.equal(client.state.recovered, recovered);
	}
	assert.deepEqual(log.states, [true, undefined, false, undefined, true]);
	assert.deepEqual(
		log.events.map(({ channel, recovered }) => `${channel} ${recovered}`),
		['a true', 'b true', 'a false', 'b true', 'a true', 'b true'],
	);
});

test('messages after a loss are applied after the event', async () => {
	const [client, log] = await page();
	FakeWebSocket.last.receive(joined(1, 'a', at(3)));
	const ws = await again();
	client.listen('$resumed', ({ recovered }) => log.said.push(recovered));
	ws.receive(joined(1, 'a', at(19)), said(1, 20), said(1, 21), resumed(1, at(20)));
	assert.deepEqual(log.said, [false, 21]);
});

test('reset is reported, and the channel continues at its position', async () => {
	const [client, log] = await page();
	const ws = FakeWebSocket.last;
	ws.receive(joined(1, 'a', at(3)), { type: '$reset', data: { ch: 1, ...at(0, 'f') } }, said(1, 1));
	assert.deepEqual([log.said, log.events, client.state.recovered], [[1], [{ reset: 'a' }], false]);
	const next = await again();
	next.receive(joined(1, 'a', at(5, 'f')));
	assert.deepEqual(sent(next), [{ ch: 1, ...at(1, 'f') }]);
});

test('reset also answers a request to resume', async () => {
	const [client, log] = await page();
	FakeWebSocket.last.receive(joined(1, 'a', at(3)));
	const ws = await again();
	ws.receive(joined(1, 'a', at(9)), said(1, 10), { type: '$reset', data: { ch: 1, ...at(0, 'f') } }, said(1, 1));
	assert.deepEqual([log.said, log.events, client.state.recovered], [[1], [{ reset: 'a' }], false]);
});

test('all messages that the server keeps can be resumed', async () => {
	const { replay } = endpoint.server.said;
	const [client, log] = await page();
	FakeWebSocket.last.receive(joined(1, 'a', at(0)));
	const ws = await again();
	ws.receive(joined(1, 'a', at(replay)));
	for (let seq = 1; seq <= replay + 1000; seq++) ws.receive(said(1, seq));
	ws.receive(resumed(1));
	assert.deepEqual([log.said.length, client.state.recovered], [replay + 1000, true]);
});

test('nothing is known about recovery after a listener has closed the client', async () => {
	const [client, log] = await page();
	client.listen('said', () => client.close());
	FakeWebSocket.last.receive(joined(1, 'a', at(3)));
	const ws = await again();
	ws.receive(joined(1, 'a', at(5)), said(1, 4), said(1, 5), resumed(1));
	assert.deepEqual([client.state.status, client.state.recovered], ['idle', undefined]);
	client.open();
	assert.deepEqual(log.states, []);
});

test('channel with too many held frames is given up at the newest', async () => {
	const [client, log] = await page();
	FakeWebSocket.last.receive(joined(1, 'a', at(3)));
	const ws = await again();
	ws.receive(joined(1, 'a', at(10)));
	const most = 10 + 1000 + endpoint.server.said.replay;
	for (let seq = 11; seq <= most; seq++) ws.receive(said(1, seq));
	assert.deepEqual(log.events, []);
	ws.receive(said(1, most + 1));
	assert.deepEqual(log.events, [{ channel: 'a', recovered: false }]);
	ws.receive(said(1, 4), said(1, most + 2), resumed(1));
	assert.deepEqual(log.said, [most + 2]);
	assert.deepEqual([log.events.length, client.state.recovered], [1, false]);
});

test('channel that was left is forgotten', async () => {
	const [client, log] = await page();
	FakeWebSocket.last.receive(joined(1, 'a', at(3)), { type: '$left', data: { ch: 1 } }, said(1, 4));
	const ws = await again();
	ws.receive(joined(1, 'a', at(9)));
	assert.deepEqual([sent(ws), log.said, log.events, client.state.recovered], [[], [], [], undefined]);
});

test('positions of 1024 channels are remembered, the ones joined last', async () => {
	await page();
	for (let index = 0; index < 1030; index++) {
		FakeWebSocket.last.receive(joined(1, `room ${index}`, at(3)));
		if (index === 1000) FakeWebSocket.last.receive(joined(2, 'room 0', at(3)));
	}
	const ws = await again();
	for (const [ch, index] of [0, 7, 1029, 6].entries()) ws.receive(joined(ch, `room ${index}`, at(9)));
	assert.deepEqual(sent(ws).map(({ ch }) => ch), [0, 1, 2]);
});
