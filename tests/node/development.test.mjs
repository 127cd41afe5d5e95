// Warnings in the development server: one for each refusal, with its place and the remedy.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

process.env.DEVELOPMENT = 'yes';
const { FakeWebSocket, load, open, reconnect, settle, wait } = await import('./page.mjs');
const { deliveries } = await load('deliveries');
const { replies } = await load('replies');
const { requireName } = await load('names');
const { requests } = await load('requests');
const { withTicket } = await load('ticket');
const { checkOptions, unknownProps } = await load('option-checks');
const { closed, properties, propertyNames, record, string, tagged, unevaluatedProperties, never } = await load('validators');
const { validate } = await load('validate');

const warnings = [];
console.warn = (...texts) => warnings.push(texts.join(' '));
beforeEach(() => warnings.splice(0));

const refuse = (data, re) => FakeWebSocket.last.receive({ type: '$error', re, data });

test('message that the server refuses is one warning with its place and the remedy', async () => {
	const [client] = await open();
	refuse({ code: 'invalid_message', type: 'say', message: 'expected at most 5 characters', pointer: '/text', keyword: 'maxLength' });

	assert.deepEqual(warnings, [
		'test: the server refused say: expected at most 5 characters at /text [invalid_message, maxLength]; the page and the ' +
			'server have different schemas: run `python -m codegen`, restart the server and reload the page',
	]);
	assert.equal(client.state.lastRefusal.code, 'invalid_message');
});

test('failed request is one warning with its name and the reference in the log of the server', async () => {
	const [client] = await open();
	const errors = [];
	client.sendRequest('ask', 1, () => undefined, (error) => errors.push(error));
	refuse({ code: 'internal', message: 'internal error', reference: 'k3m7q2xa' }, FakeWebSocket.last.messages[0].id);

	assert.deepEqual(warnings, [
		'test: the server could not handle ask: internal error [internal]; the exception is in the log of the server, with the reference k3m7q2xa',
	]);
	assert.equal(errors[0].reference, 'k3m7q2xa');
	assert.match(errors[0].stack, /^Refused: internal error\n/);
});

test('acknowledged message that fails is one warning', async () => {
	const [, deliver] = await open({}, deliveries);
	const rejected = assert.rejects(deliver('order', 1), { code: 'internal' });
	await settle();
	refuse({ code: 'internal', message: 'internal error' }, FakeWebSocket.last.messages[0].id);
	await rejected;

	assert.equal(warnings.length, 1);
	assert.match(warnings[0], /^test: the server could not handle order: /);
});

test('each source of an error without a message has its own words', async () => {
	await open();
	refuse({ code: 'internal', message: 'on_connect failed', reference: 'k3m7q2xa' });
	refuse({ code: 'unavailable', message: 'on_connect failed' });
	refuse({ code: 'malformed_json', message: 'expected JSON' });

	assert.deepEqual(
		warnings.map((text) => text.split(';')[0]),
		[
			'test: the server failed: on_connect failed [internal]',
			'test: the server failed: on_connect failed [unavailable]',
			'test: the server refused a frame of the page: expected JSON [malformed_json]',
		],
	);
});

test('errors that the schema declares, and cancellations, are no warnings', async () => {
	const [client] = await open();
	client.sendRequest('ask', 1, () => undefined, () => undefined);
	refuse({ code: 'room_full', message: 'room full' }, FakeWebSocket.last.messages[0].id);
	refuse({ code: 'cancelled', message: 'cancelled' });

	assert.deepEqual(warnings, []);
});

test('each invalid frame of the server is one warning', async () => {
	await open();
	FakeWebSocket.last.receive({ type: 'unknown' }, { type: 'unknown' });

	assert.equal(warnings.length, 2);
	assert.match(warnings[0], /^test: the page refused a frame of the server: unknown_message \[unknown_message\]; the page and /);
});

test('connection that is refused for good is one warning with the remedy', async () => {
	await open();
	FakeWebSocket.last.drop(4400);
	await settle();

	assert.deepEqual(warnings, ['test: no connection: closed with 4400 [4400]; check `params` of the client']);
});

test('lost connection is no warning', async () => {
	await open();
	await reconnect();

	assert.deepEqual(warnings, []);
});

test('connection is tried again within a second, also when the server requires more', async () => {
	await open({ backoff: {} });
	for (let attempt = 0; attempt < 10; attempt++) {
		const { length } = FakeWebSocket.all;
		FakeWebSocket.last.readyState = 3;
		FakeWebSocket.last.onclose({ code: attempt ? 1006 : 1001, reason: attempt ? '' : 'retry after 5' });
		await wait(attempt ? 1000 : 2000);
		assert.ok(FakeWebSocket.all.length > length, `attempt ${attempt}`);
	}
});

test('unknown name is an error with the known ones', async () => {
	const [client, deliver, request, answer] = await open({}, deliveries, requests, replies);
	const text = (call) => {
		try {
			call();
		} catch (error) {
			assert.deepEqual([error.name, error.code], ['InvalidMessage', 'unknown_message']);
			return error.message;
		}
	};

	assert.equal(text(() => client.send('mov', 1)), 'test.send: expected one of say, move, typing, got "mov"; did you mean "move"?');
	assert.equal(text(() => client.send('constructor')), 'test.send: expected one of say, move, typing, got "constructor"');
	assert.equal(text(() => client.send(undefined)), 'test.send: expected one of say, move, typing, got undefined');
	assert.equal(text(() => client.send('ask')), 'test.send: ask needs request');
	assert.equal(text(() => answer('said', () => 1)), 'test.answer: said needs on');
	await assert.rejects(request('say', 1), { message: 'test.request: say needs send' });
	await assert.rejects(deliver('oder', 1), { message: 'test.deliver: expected one of order, slow, quick, got "oder"; did you mean "order"?' });
	assert.match(text(() => requireName(client.endpoint, 'on', '$mesage')), /^test\.on: .* got "\$mesage"; did you mean "\$message"\?$/);
	assert.equal(text(() => requireName(client.endpoint, 'on', '$state')), undefined);
	assert.deepEqual(FakeWebSocket.last.messages, []);
});

test('unknown option, or one of another type, is an error', () => {
	const text = (options) => {
		try {
			checkOptions('test', options);
		} catch (error) {
			return error.message;
		}
	};

	assert.match(text({ bas: '/' }), /^test: unknown option: expected one of action, auto, .*, got "bas"; did you mean "base"\?$/);
	for (const name of ['constructor', 'toString', '__proto__'])
		assert.match(text(Object.fromEntries([[name, 1]])), new RegExp(`^test: unknown option: expected one of action, .*, got "${name}"`));
	assert.equal(text({ history: 'many' }), 'test: option history: expected a number, got string');
	assert.equal(text({ backoff: 500 }), 'test: option backoff: expected an object with numbers, got number');
	assert.equal(text('/app'), 'test: expected an object with options, got string');
	assert.equal(text({ base: '', linger: Infinity, batch: undefined, backoff: {}, url: () => '/' }), undefined);
	assert.equal(text({ makeClient: () => undefined, said: () => undefined }), undefined);
	assert.deepEqual(unknownProps({ onmesage: 1, said: 1, client: 1 }, ['said']), ['has no prop and no message onmesage; did you mean onmessage?']);
});

test('one-time URL needs a source', () => {
	assert.throws(() => withTicket(undefined), { message: 'expected the option action, url or ticket' });
	assert.throws(() => withTicket({ history: 1 }), { message: 'expected the option action, url or ticket' });
});

const text = (validator, value) => validate('say', validator, value)?.message;

test('error names the property that the schema does not contain', () => {
	const user = closed({ name: string });
	assert.equal(text(user, { nam: 'a' }), 'say: expected no other properties (property "nam"; did you mean "name"?)');
	assert.equal(text(user, { name: 'a', colour: 1 }), 'say: expected no other properties (property "colour")');
	assert.equal(text(closed({ user }), { user: { '"': 1 } }), 'say/user: expected no other properties (property "\\"")');
	assert.equal(text(record({}, string), { a: 'x', b: 1 }), 'say: expected string (property "b")');
	assert.equal(text(record({}, user), { b: { a: 1 } }), 'say: expected no other properties (property "b")');
	assert.equal(text(record({}, string, [[/^n/, user]]), { a: 'x', n: { a: 1 } }), 'say: expected no other properties (property "n")');
	assert.equal(text(propertyNames((name) => (name === 'b' ? string(1, '') : undefined)), { a: 1, b: 1 }), 'say: expected other property names (property "b")');
	assert.equal(
		text(unevaluatedProperties(never('unevaluatedProperties'), properties({ a: string })), { a: 'x', '': 1 }),
		'say: expected no other properties (property "")',
	);
	assert.equal(text(tagged('oneOf', 'kind', ['a', user]), { kind: 'a' }), 'say: expected no other properties (property "kind")');
	assert.equal(text(user, { name: 1 }), 'say/name: expected string');
});
