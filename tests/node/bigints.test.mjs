// JSON with exact integers, and sockets with `bigint` in their messages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeWebSocket, load, settle, wait } from './page.mjs';

const { big, exact, exactJson, float, list, named, plain, struct } = await load('exact-values');
const { bigints } = await load('bigints');
const { integer, minimum, maximum } = await load('exact-validators');
const { all, items, object, properties, required } = await load('validators');
const { confirmations } = await load('confirmations');
const { replies } = await load('replies');
const { requests } = await load('requests');
const { sizes } = await load('sizes');
const { endpointUrl } = await load('url');
const { Socket } = await load('socket');

const BIG = 2n ** 60n + 1n;
const ODD = ['', '"', '\\', '\\"', '12345678901234567890', '"12345678901234567890', '\\"12345678901234567890"', 'a\u2028', '😀'];

/** Pseudo-random numbers, the same in each run. */
let seed = 1;
const random = (below) => (seed = (seed * 48271) % 2147483647) % below;

function randomText(depth = 4) {
	const choice = random(depth ? 8 : 5);
	const space = ['', ' ', '\n\t'][random(3)];
	if (choice === 0) return JSON.stringify(ODD[random(ODD.length)]);
	if (choice === 1) return ['true', 'false', 'null', '-0', '1.5', '1e300', '9007199254740993.0', '12345678901234567890e-3'][random(8)];
	if (choice < 5) return `${random(2) ? '-' : ''}${1 + random(9)}${String(random(1e9)).repeat(random(5))}`;
	const parts = Array.from({ length: random(4) }, () => randomText(depth - 1));
	if (choice === 5) return `[${space}${parts.join(`,${space}`)}]`;
	return `{${parts.map((part) => `${JSON.stringify([...ODD, '__proto__'][random(ODD.length + 1)])}${space}:${part}`).join(',')}${space}}`;
}

test('texts are parsed as by JSON.parse, except for large integers', () => {
	for (let run = 0; run < 20_000; run++) {
		const text = randomText();
		const value = exactJson.parse(text);
		assert.deepEqual(plain(value), JSON.parse(text), text);
		assert.deepEqual(plain(exactJson.parse(exactJson.stringify(value))), JSON.parse(JSON.stringify(plain(value))), text);
	}
});

test('large integers keep their digits', () => {
	for (const digits of ['9007199254740992', '-9007199254740993', '18446744073709551615', `1${'0'.repeat(400)}1`]) {
		assert.equal(exactJson.parse(digits), BigInt(digits));
		assert.equal(exactJson.stringify([BigInt(digits)]), `[${digits}]`);
	}
	assert.equal(exactJson.parse('9007199254740991'), 9007199254740991);
});

test('text that is not JSON is rejected', () => {
	for (const text of ['{12345678901234567890:1}', '012345678901234567890', '12345678901234567890n', '[12345678901234567890', '--12345678901234567890'])
		assert.throws(() => exactJson.parse(text), SyntaxError, text);
});

test('library that defines BigInt.prototype.toJSON changes nothing', () => {
	BigInt.prototype.toJSON = () => 'other';
	try {
		assert.equal(exactJson.stringify({ a: [BIG, 5n] }), `{"a":[${BIG},5]}`);
	} finally {
		delete BigInt.prototype.toJSON;
	}
});

test('time of a parse is linear in the text', () => {
	const time = (size) => {
		const text = `[${'"\\\\\\"12345678901234567890",12345678901234567890,'.repeat(size)}0]`;
		const start = process.hrtime.bigint();
		exactJson.parse(text);
		return Number(process.hrtime.bigint() - start);
	};
	time(2_000);
	assert.ok(time(50_000) < 30 * time(5_000));
	assert.equal(exactJson.parse(`["${'a'.repeat(5_000_000)}",12345678901234567890]`)[1], 12345678901234567890n);
});

const id = all(integer, minimum(-(2n ** 63n)), maximum(2n ** 63n - 1n));
const validateOrder = all(object, required('id'), properties({ id, ids: items(id) }));
const decodeOrder = struct(['id'], { id: big, n: float, ids: list(big) });
const order = exact(validateOrder, named('Order', () => decodeOrder));
const endpoint = {
	name: 'test',
	kind: 'persistent',
	path: '/test/{id}',
	contract: 'x',
	messageBytes: 100,
	params: all(object, properties({ id })),
	client: { order: { data: order }, ask: { data: exact(id, big), reply: order } },
	server: { order: { data: order }, ask: { data: exact(id, big), reply: order } },
};

class TextWebSocket extends FakeWebSocket {
	texts = [];
	send(text) {
		this.texts.push(text);
		super.send(text);
	}
	receiveText(text) {
		this.onmessage({ data: text });
	}
}

async function open(...features) {
	const client = new Socket(endpoint, { url: 'ws://test', WebSocket: TextWebSocket });
	sizes(client);
	const results = features.map((feature) => feature(client));
	bigints(client);
	client.open();
	await settle();
	FakeWebSocket.last.accept();
	await settle();
	return [client, ...results];
}

test('messages from the server have bigint where the type is bigint', async () => {
	const received = [];
	const [client] = await open();
	client.listen('order', (data) => received.push(data));
	client.listen('$message', ({ data }) => received.push(data));
	FakeWebSocket.last.receiveText(`{"type":"order","data":{"id":${BIG},"n":${BIG},"ids":[1,${-BIG}],"other":${BIG}}}`);
	const expected = { id: BIG, n: Number(BIG), ids: [1n, -BIG], other: Number(BIG) };
	assert.deepEqual(received, [expected, expected]);
});

test('message beyond a bound is invalid', async () => {
	const refused = [];
	const [client] = await open();
	client.listen('$invalid', (error) => refused.push(error));
	console.warn = () => undefined;
	FakeWebSocket.last.receiveText(`{"type":"order","data":{"id":${2n ** 63n}}}`);
	assert.equal(refused[0].keyword, 'maximum');
	assert.equal(JSON.parse(JSON.stringify(refused[0].expected)), 2 ** 63);
	assert.throws(() => client.send('order', { id: 2n ** 63n }), { keyword: 'maximum' });
});

test('messages to the server have all digits, and are handed over with their types', async () => {
	const handed = [];
	const [client] = await open((socket) => confirmations(socket, (messages) => handed.push(...messages)));
	const ws = FakeWebSocket.last;
	client.send('order', { id: BIG, n: 1.5, ids: [5n] });
	assert.equal(ws.texts[0], `{"type":"order","data":{"id":${BIG},"n":1.5,"ids":[5]}}`);
	ws.drop();
	await settle();
	assert.deepEqual(handed, [{ type: 'order', data: { id: BIG, n: 1.5, ids: [5n] } }]);
	client.send('order', { id: -BIG });
	await wait(5000);
	FakeWebSocket.last.accept();
	assert.deepEqual(FakeWebSocket.last.texts, [`{"type":"order","data":{"id":${-BIG}}}`]);
	assert.throws(() => client.send('order', { id: 1n, ids: Array(30).fill(BIG) }), { code: 'too_big' });
});

test('requests and replies have all digits in both directions', async () => {
	const [, request, answer] = await open(requests, replies);
	const ws = FakeWebSocket.last;
	const reply = request('ask', BIG);
	const { id: number } = ws.sent.at(-1);
	assert.equal(ws.texts.at(-1), `{"type":"ask","id":${number},"data":${BIG}}`);
	ws.receiveText(`{"type":"ask","re":${number},"data":{"id":7}}`);
	assert.deepEqual(await reply, { id: 7n });

	answer('ask', (value) => ({ id: value + 1n }));
	ws.receiveText(`{"type":"ask","id":3,"data":${BIG}}`);
	await settle();
	assert.equal(ws.texts.at(-1), `{"type":"ask","data":{"id":${BIG + 1n}},"re":3}`);
});

test('error of the server can be written as JSON', async () => {
	const errors = [];
	const [client] = await open();
	client.listen('$error', (error) => errors.push(error));
	FakeWebSocket.last.receiveText('{"type":"$error","data":{"code":"invalid_message","expected":9223372036854775807}}');
	assert.equal(JSON.stringify(errors[0].expected), '9223372036854776000');
});

test('URL has all digits', () => {
	assert.equal(endpointUrl(endpoint, { id: BIG }, 'https://a/', exactJson).href, `https://a/test/${BIG}`);
	assert.throws(() => endpointUrl(endpoint, { id: 2n ** 63n }, 'https://a/', exactJson), /at most/);
});
