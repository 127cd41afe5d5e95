// Streams that go on after a lost connection.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeWebSocket, open, load, reconnect, settle, wait } from './page.mjs';

const { resumableStreams } = await load('resumable-streams');
const { bigints } = await load('bigints');
const { SocketError, Refused } = await load('errors');

/** Iterate over a stream until its end; with `pause`, only as far as `next` is called. */
function follow(items, pause = false) {
	const state = { got: [], is: 'open', next: () => items.next().then(({ value }) => (state.got.push(value), value)) };
	const read = async () => {
		for await (const item of items) state.got.push(item);
	};
	if (!pause)
		read().then(
			() => (state.is = 'done'),
			(error) => Object.assign(state, { is: 'failed', error }),
		);
	return state;
}

const line = (number) => ({ at: { 'a/b': number }, text: `line ${number}` });
const lines = (from, to) => Array.from({ length: to - from + 1 }, (_, index) => line(from + index));
const requests = (ws) => ws.sent.filter(({ type }) => type === 'follow' || type === 'tick' || type === 'count');
const granted = (ws) => ws.sent.filter(({ type }) => type === '$more').length;

function send(ws, ...items) {
	const { type, id } = requests(ws).at(-1);
	ws.receive(...items.map((data) => ({ type, re: id, data })));
}

async function accept(ws) {
	ws.accept();
	await settle();
}

test('stream goes on after the last item on the next connection', async () => {
	const [, stream] = await open({}, resumableStreams);
	const log = follow(stream('follow', { job: 'a' }));
	const first = FakeWebSocket.last;
	assert.deepEqual(Object.keys(requests(first)[0]), ['type', 'id', 'data']);
	send(first, line(1), line(2));
	await settle();

	const second = await reconnect();
	await accept(second);
	const [{ id }] = requests(first);
	const [{ id: nextId, ...request }] = requests(second);
	assert.deepEqual(request, { type: 'follow', resume: 2, data: { job: 'a' } });
	assert.notEqual(id, nextId);
	assert.equal(requests(second).length, 1);
	send(second, line(3));
	second.receive({ type: '$end', re: nextId });
	await settle();

	assert.deepEqual([log.got, log.is], [lines(1, 3), 'done']);
});

test('stream without an item begins again from its start', async () => {
	const [, stream] = await open({}, resumableStreams);
	const log = follow(stream('follow', 1));

	const second = await reconnect();
	await accept(second);
	assert.deepEqual(Object.keys(requests(second)[0]), ['type', 'id', 'data']);
	send(second, line(1));
	await settle();
	assert.deepEqual(log.got, [line(1)]);
});

test('item may be its own position, and the request may have no data', async () => {
	const [, stream] = await open({}, resumableStreams);
	follow(stream('tick'));
	send(FakeWebSocket.last, 'a', 'b');
	await settle();

	const second = await reconnect();
	await accept(second);
	const [{ id, ...request }] = requests(second);
	assert.deepEqual(request, { type: 'tick', resume: 'b' });
});

test('request is repeated with the data of the call', async () => {
	const [, stream] = await open({}, resumableStreams);
	const data = { job: 'a' };
	follow(stream('follow', data));
	data.job = 'changed';

	const second = await reconnect();
	await accept(second);
	assert.deepEqual(requests(second)[0].data, { job: 'a' });
});

test('items that the page has not read are kept, and only then the stream goes on', async () => {
	const [, stream] = await open({}, resumableStreams);
	const items = stream('follow', 1);
	const log = follow(items, true);
	const early = log.next();
	send(FakeWebSocket.last, ...lines(1, 64));
	await early;

	const second = await reconnect();
	await accept(second);
	for (let number = 2; number <= 64; number++) assert.deepEqual(await log.next(), line(number));
	assert.equal(granted(second), 0); // not for the stream of the lost connection
	assert.equal(requests(second).length, 0);
	const next = log.next();
	await settle();
	assert.equal(requests(second)[0].resume, 64);
	send(second, ...lines(65, 128));
	await next;
	for (let number = 66; number <= 97; number++) await log.next();
	assert.equal(granted(second), 1);
	assert.deepEqual(log.got, lines(1, 97));
});

test('two streams go on, each after its own item', async () => {
	const [, stream] = await open({}, resumableStreams);
	const one = follow(stream('follow', 'one'));
	send(FakeWebSocket.last, line(1));
	const other = follow(stream('follow', 'other'));
	send(FakeWebSocket.last, line(7));
	await settle();

	const second = await reconnect();
	await accept(second);
	assert.deepEqual(
		requests(second).map(({ data, resume }) => [data, resume]),
		[
			['one', 1],
			['other', 7],
		],
	);
	assert.deepEqual([one.is, other.is], ['open', 'open']);
});

test('stream outlives several attempts and connections', async () => {
	const [, stream] = await open({}, resumableStreams);
	const log = follow(stream('follow', 1));
	for (let number = 1; number <= 5; number++) {
		send(FakeWebSocket.last, line(number));
		await settle();
		await reconnect();
		await accept(await reconnect()); // the first attempt fails
		assert.equal(requests(FakeWebSocket.last).length, 1);
	}
	assert.deepEqual([log.got, log.is], [lines(1, 5), 'open']);
});

for (const code of [1000, 1008, 3003, 4404])
	test(`final close code ${code} ends the stream after its items`, async () => {
		const [, stream] = await open({}, resumableStreams);
		const log = follow(stream('follow', 1));
		send(FakeWebSocket.last, line(1));
		FakeWebSocket.last.drop(code);
		await settle();

		assert.deepEqual([log.got, log.is, log.error.code], [[line(1)], 'failed', code]);
		assert.ok(log.error instanceof SocketError);
	});

for (const code of [1001, 1006, 1012, 1013, 3008, 4508])
	test(`stream goes on after close code ${code}`, async () => {
		const [, stream] = await open({}, resumableStreams);
		const log = follow(stream('follow', 1));
		send(FakeWebSocket.last, line(1));
		FakeWebSocket.last.drop(code);
		await wait(20_000);
		await accept(FakeWebSocket.last);

		assert.deepEqual([requests(FakeWebSocket.last)[0].resume, log.is], [1, 'open']);
	});

test('final refusal of the next connection ends the stream', async () => {
	const [, stream] = await open({}, resumableStreams);
	const log = follow(stream('follow', 1));
	send(FakeWebSocket.last, line(1));
	const second = await reconnect();
	second.drop(4404);
	await settle();

	assert.deepEqual([log.is, log.error.code], ['failed', 4404]);
});

test('close() ends the stream, also between two connections', async () => {
	for (const isOpen of [true, false]) {
		const [client, stream] = await open({}, resumableStreams);
		const log = follow(stream('follow', 1));
		send(FakeWebSocket.last, line(1));
		await settle();
		if (!isOpen) FakeWebSocket.last.drop();
		await settle();
		client.close();
		await settle();

		assert.deepEqual([log.is, log.error.code, client.outbox.length], ['failed', 1000, 0]);
	}
});

test('close() ends a stream whose items are not read, also if the client is open again', async () => {
	const [client, stream] = await open({}, resumableStreams);
	const log = follow(stream('follow', 1), true);
	const early = log.next();
	send(FakeWebSocket.last, line(1), line(2));
	await early;
	client.close();
	client.open();
	await settle();
	await accept(FakeWebSocket.last);

	assert.deepEqual(await log.next(), line(2));
	await assert.rejects(log.next(), { code: 1000 });
	assert.deepEqual(requests(FakeWebSocket.last), []);
});

test('reconnect() does not end the stream', async () => {
	const [client, stream] = await open({}, resumableStreams);
	const log = follow(stream('follow', 1));
	send(FakeWebSocket.last, line(1));
	await settle();
	client.reconnect();
	await settle();
	await accept(FakeWebSocket.last);

	assert.deepEqual([requests(FakeWebSocket.last)[0].resume, log.is], [1, 'open']);
});

test('abort during the pause rejects, and nothing is sent on the next connection', async () => {
	const [client, stream] = await open({}, resumableStreams);
	const stop = new AbortController();
	const log = follow(stream('follow', 1, { signal: stop.signal }));
	send(FakeWebSocket.last, line(1));
	await settle();
	FakeWebSocket.last.drop();
	await settle();
	assert.equal(client.outbox.length, 1);
	stop.abort();
	await settle();
	assert.deepEqual([log.is, log.error.name, client.outbox.length], ['failed', 'AbortError', 0]);

	await wait(1000);
	await accept(FakeWebSocket.last);
	assert.deepEqual(FakeWebSocket.last.sent, []);
});

test('abort after the pause cancels the second request', async () => {
	const [, stream] = await open({}, resumableStreams);
	const stop = new AbortController();
	const log = follow(stream('follow', 1, { signal: stop.signal }));
	const second = await reconnect();
	await accept(second);
	stop.abort(new Error('left'));
	await settle();

	assert.deepEqual([log.is, log.error.message], ['failed', 'left']);
	assert.deepEqual(second.sent.at(-1), { type: '$cancel', id: requests(second)[0].id });
});

test('aborted stream sends nothing, and the next request has no position', async () => {
	const [client, stream] = await open({}, resumableStreams);
	const items = stream('follow', 1);
	const log = follow(items, true);
	const first = log.next();
	send(FakeWebSocket.last, line(1));
	await first;
	await assert.rejects(stream('follow', 1, { signal: AbortSignal.abort() }).next(), { name: 'AbortError' });
	assert.equal(requests(FakeWebSocket.last).length, 1);
	client.send('say', 'x');
	assert.deepEqual(FakeWebSocket.last.messages.at(-1), { type: 'say', data: 'x' });
});

test('leaving the loop during the pause sends nothing', async () => {
	const [client, stream] = await open({}, resumableStreams);
	const items = stream('follow', 1);
	const first = items.next();
	send(FakeWebSocket.last, line(1));
	await first;
	FakeWebSocket.last.drop();
	await items.return();
	await wait(1000);
	await accept(FakeWebSocket.last);
	assert.deepEqual([FakeWebSocket.last.sent, client.outbox.length], [[], 0]);
});

test('stream ends with its component, without an error, also during the pause', async () => {
	const [client, stream] = await open({}, resumableStreams);
	const log = follow(stream('follow', 1));
	send(FakeWebSocket.last, line(1));
	await settle();
	FakeWebSocket.last.drop();
	await settle();
	for (const stop of client.owners) stop();
	await settle();
	assert.deepEqual([log.is, client.outbox.length], ['done', 0]);
});

test('error of the server ends a stream that went on', async () => {
	const [, stream] = await open({}, resumableStreams);
	const log = follow(stream('follow', 1));
	send(FakeWebSocket.last, line(1));
	const second = await reconnect();
	await accept(second);
	send(second, line(2));
	second.receive({ type: '$error', re: requests(second)[0].id, data: { code: 'gone', message: 'rotated' } });
	await settle();

	assert.deepEqual([log.got, log.is, log.error.code], [lines(1, 2), 'failed', 'gone']);
	assert.ok(log.error instanceof Refused);
});

test('full outbox during the pause ends the stream', async () => {
	const [client, stream] = await open({ outbox: 1 }, resumableStreams);
	const log = follow(stream('follow', 1));
	FakeWebSocket.last.drop();
	client.send('say', 'first');
	await settle();

	assert.deepEqual([log.is, log.error.kind], ['failed', 'full']);
});

test('stream without resume fails with its connection', async () => {
	const [, stream] = await open({}, resumableStreams);
	const log = follow(stream('count', 1));
	send(FakeWebSocket.last, 1);
	FakeWebSocket.last.drop();
	await settle();

	assert.deepEqual([log.got, log.is, log.error.code], [[1], 'failed', 1006]);
	await assert.rejects(stream('nope').next(), { code: 'unknown_message' });
});

test('position beyond 2 ** 53 is exact', async () => {
	const [, stream] = await open({}, (client) => {
		client.endpoint.client.tick.stream.decode = (value) => value;
		const made = resumableStreams(client);
		bigints(client);
		return made;
	});
	follow(stream('tick'));
	const ws = FakeWebSocket.last;
	ws.onmessage({ data: `{"type":"tick","re":${requests(ws)[0].id},"data":9007199254740993}` });
	await settle();
	const second = await reconnect();
	let text;
	second.send = (sent) => (text ??= sent);
	await accept(second);
	assert.match(text, /"resume":9007199254740993\b/);
});
