// Times that answers and close reasons require before the next attempt: none of them ends the attempts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeWebSocket, load, open, wait } from './page.mjs';

const { diagnosis } = await load('diagnosis');
const { fromAction } = await load('ticket');

const DAY = 86_400_000;
Object.assign(document, { baseURI: 'http://test/', addEventListener() {}, removeEventListener() {} });

/** Return the state after a handshake that fails, and whose cause is a response. */
async function failed(response) {
	globalThis.fetch = async () => response;
	const [client] = await open({}, (socket) => diagnosis(socket, {}));
	FakeWebSocket.last.drop();
	await wait(100);
	FakeWebSocket.last.drop();
	await wait(60);
	return client.state;
}

for (const [seconds, expected] of [
	['-1', 0],
	['-Infinity', 0],
	['Wed, 21 Oct 2026 07:28:00 GMT', 0],
	['5', 5000],
	['3000000', DAY],
	['1e300', DAY],
	['Infinity', DAY],
])
	test(`attempts go on after the header Retry-After: ${seconds}`, async () => {
		const { status, error, retryAt } = await failed(new Response('', { status: 503, headers: { 'retry-after': seconds } }));

		assert.deepEqual([status, error.retryAfterMs], ['waiting', expected]);
		assert(retryAt > Date.now() - 100 && retryAt < Date.now() + expected + 10_000, `${retryAt}`);
		if (expected < DAY) {
			const { length } = FakeWebSocket.all;
			await wait(expected + 10_000);
			assert(FakeWebSocket.all.length > length);
		}
	});

for (const [retryAfterMs, expected] of [
	[-5000, 0],
	[1e12, DAY],
	['abc', 0],
	[null, 0],
	[{}, 0],
	[300, 300],
])
	test(`attempts go on after an answer with retryAfterMs: ${JSON.stringify(retryAfterMs)}`, async () => {
		const answer = { code: 'per_address', message: 'too many', retryable: true, retryAfterMs };
		const { status, error } = await failed(Response.json(answer, { status: 426 }));

		assert.deepEqual([status, error.retryAfterMs], ['waiting', expected]);
	});

for (const seconds of ['3', '99999999', '9'.repeat(400)])
	test(`attempts go on after the close reason "retry after ${seconds.slice(0, 10)}"`, async () => {
		const [client] = await open();
		FakeWebSocket.last.onclose({ code: 1001, reason: `retry after ${seconds}` });
		const { length } = FakeWebSocket.all;
		await wait(4000);

		assert.equal(client.state.error.retryAfterMs, seconds === '3' ? 3000 : 0);
		assert(FakeWebSocket.all.length > length);
	});

for (const [seconds, expected] of [
	['-1', 0],
	['1e9', DAY],
])
	test(`action may require ${seconds} s`, async () => {
		globalThis.fetch = async () => new Response('', { status: 503, headers: { 'retry-after': seconds } });

		await assert.rejects(fromAction('http://test/')(), { code: 503, retryAfterMs: expected });
	});
