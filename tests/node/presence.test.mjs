// Presence in the channels of a connection.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeWebSocket, load, open, reconnect, wait } from './page.mjs';

const { presence } = await load('presence');
const { channels } = await load('channels');

const offer = (ch, channel = 'a') => ({ type: '$presence', data: { ch, channel } });
const row = (id, key, name = key) => [id, key, { name }];
const state = (ch, seq, entries, more, epoch = 'e') => ({ type: '$present', data: { ch, epoch, seq, entries, ...(more && { more }) } });
const changed = (ch, seq, entries, left = []) => ({ type: '$changed', data: { ch, seq, entries, left } });
const requests = (ws) => ws.sent.filter(({ type }) => type === '$presence').map(({ data }) => data);
const names = (users) => Object.fromEntries([...users].map(([key, devices]) => [key, devices.map(({ name }) => name)]));

/** Open a client with presence; record its events. */
async function page() {
	const [client, , users] = await open({}, channels, presence);
	const events = [];
	client.listen('$presence', ({ joined, left, updated }) =>
		events.push(Object.fromEntries(Object.entries({ joined, left, updated }).flatMap(([name, map]) => (map.size ? [[name, names(map)]] : [])))),
	);
	return [FakeWebSocket.last, users, events, client];
}

async function again() {
	const ws = await reconnect();
	ws.accept();
	return ws;
}

test('page requests the state that the server offers, and applies changes', async () => {
	const [ws, users, events] = await page();
	ws.receive(offer(3));
	assert.deepEqual(requests(ws), [{ ch: 3 }]);
	ws.receive(state(3, 1, [row('x', 'ann')]));
	ws.receive(changed(3, 2, [row('y', 'bob'), row('z', 'ann', 'Ann')]), changed(3, 3, [row('y', 'bob', 'Bob')], ['x']), changed(3, 4, [], ['z']));
	assert.deepEqual(events, [
		{ joined: { ann: ['ann'] } },
		{ joined: { bob: ['bob'] }, updated: { ann: ['ann', 'Ann'] } },
		{ updated: { ann: ['Ann'], bob: ['Bob'] } },
		{ left: { ann: ['Ann'] } },
	]);
	assert.deepEqual(names(users), { bob: ['Bob'] });
	assert.deepEqual([users.size, users.has('ann'), users.get('bob'), [...users.keys()]], [1, false, [{ name: 'Bob' }], ['bob']]);
	const found = [];
	users.forEach((devices, key) => found.push([key, devices]));
	assert.deepEqual(found, [...users.entries()]);
	assert.deepEqual([...users.values()], [[{ name: 'Bob' }]]);
});

test('changes between the parts of a state are applied after it', async () => {
	const [ws, users, events] = await page();
	ws.receive(offer(3), state(3, 5, [row('x', 'ann')], true), changed(3, 6, [row('z', 'eve')], ['y']), state(3, 5, [row('y', 'bob')]));
	assert.deepEqual(names(users), { ann: ['ann'], eve: ['eve'] });
	assert.equal(events.length, 2);
});

test('page that misses a change requests the state, and drops repeated changes', async () => {
	const [ws, users, events] = await page();
	ws.receive(offer(3), state(3, 5, [row('x', 'ann')]), changed(3, 5, [row('q', 'old')]), changed(3, 7, [row('z', 'eve')]));
	assert.deepEqual(requests(ws), [{ ch: 3 }, { ch: 3 }]);
	ws.receive(changed(3, 8, [row('w', 'dan')]), state(3, 7, [row('x', 'ann'), row('z', 'eve')]));
	assert.deepEqual(names(users), { ann: ['ann'], eve: ['eve'], dan: ['dan'] });
	assert.deepEqual(events.slice(1), [{ joined: { eve: ['eve'] } }, { joined: { dan: ['dan'] } }]);
});

test('after a reconnect the page requests what it missed, and keeps its state meanwhile', async () => {
	const [ws, users, events] = await page();
	ws.receive(offer(3), state(3, 5, [row('x', 'ann')]));
	const next = await again();
	assert.deepEqual(names(users), { ann: ['ann'] });
	next.receive(offer(8));
	assert.deepEqual(requests(next), [{ ch: 8, epoch: 'e', seq: 5 }]);
	next.receive(changed(8, 6, [row('y', 'bob')]));
	assert.deepEqual(names(users), { ann: ['ann'], bob: ['bob'] });

	const other = await again(); // another process
	other.receive(offer(1), state(1, 2, [row('x', 'ann'), row('y', 'bob')], false, 'f'), changed(1, 3, [], ['x']));
	assert.deepEqual(events, [{ joined: { ann: ['ann'] } }, { joined: { bob: ['bob'] } }, { left: { ann: ['ann'] } }]);
});

test('rooms that are not joined again are forgotten', async () => {
	const [ws, users] = await page();
	ws.receive(offer(3, 'a'), state(3, 1, [row('x', 'ann')]), offer(4, 'b'), state(4, 1, [row('y', 'bob')]));
	const next = await again();
	next.receive(offer(1, 'b'));
	await wait(4000);
	assert.deepEqual(names(users), { ann: ['ann'], bob: ['bob'] });
	await wait(2000);
	assert.deepEqual(names(users), { bob: ['bob'] });
});

test('room that the connection leaves is forgotten', async () => {
	const [ws, users, events] = await page();
	ws.receive({ type: '$joined', data: { ch: 3, channel: 'a', epoch: 'e', seq: 0, mark: '' } });
	ws.receive(offer(3), state(3, 1, [row('x', 'ann')]), { type: '$left', data: { ch: 3 } }, changed(3, 2, [row('y', 'bob')]));
	assert.deepEqual(names(users), {});
	assert.deepEqual(events.at(-1), { left: { ann: ['ann'] } });
});

test('user in two rooms has the devices of both', async () => {
	const [ws, users, events] = await page();
	ws.receive(offer(3, 'a'), state(3, 1, [row('x', 'ann')]), offer(4, 'b'), state(4, 1, [row('x', 'ann', 'Ann')]));
	assert.deepEqual(names(users), { ann: ['ann', 'Ann'] });
	ws.receive(changed(3, 2, [], ['x']));
	assert.deepEqual(names(users), { ann: ['Ann'] });
	assert.equal(events.length, 3);
});

test('invalid metadata is reported and skipped', async () => {
	const [ws, users, , client] = await page();
	const invalid = [];
	client.listen('$invalid', ({ code, message }) => invalid.push([code, message]));
	ws.receive(offer(3), state(3, 1, [['x', 'ann', {}], row('y', 'bob')]), changed(3, 2, [], ['x']));
	assert.deepEqual(names(users), { bob: ['bob'] });
	assert.deepEqual(invalid, [['invalid_message', 'presence: expected "name"']]);
});

test('malformed frames are reported, and the next ones are applied', async () => {
	const [ws, users, , client] = await page();
	const invalid = [];
	client.listen('$invalid', ({ code }) => invalid.push(code));
	ws.receive(offer(3), ...['$presence', '$present', '$changed', '$left'].map((type) => ({ type })), { type: '$present', data: { ch: 3 } });
	ws.receive(offer(3), state(3, 1, [row('x', 'ann')]), { type: '$changed', data: { ch: 3, seq: 2 } });
	assert.deepEqual(invalid, Array(6).fill('malformed_json'));
	assert.deepEqual(names(users), { ann: ['ann'] });
});

test('closed client has no users', async () => {
	const [ws, users, events, client] = await page();
	ws.receive(offer(3), state(3, 1, [row('x', 'ann')]));
	client.close();
	assert.deepEqual(names(users), {});
	assert.deepEqual(events.at(-1), { left: { ann: ['ann'] } });
});

test('keys may be names of properties of objects', async () => {
	const [ws, users] = await page();
	ws.receive(offer(3), state(3, 1, [row('__proto__', 'constructor'), row('y', '__proto__')]));
	assert.deepEqual([...users.keys()], ['constructor', '__proto__']);
});

test('all connections of a page have its name in their URL', async () => {
	const [ws] = await page();
	const next = await again();
	assert.match(ws.url, /^ws:\/\/test\/\?\$page=[\w-]{22}$/);
	assert.equal(next.url, ws.url);
	const [other] = await open({ url: 'ws://test/a?b=c%20d' }, presence);
	other.close();
	assert.equal(FakeWebSocket.last.url, `ws://test/a?b=c%20d&${ws.url.slice(11)}`);
});

test('unknown numbers are ignored', async () => {
	const [ws, users] = await page();
	ws.receive(state(9, 1, [row('x', 'ann')]), changed(9, 2, []));
	assert.deepEqual(names(users), {});
});
