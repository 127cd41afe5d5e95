// The class of connections that the page about tests defines, with the options that it passes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import ts from 'typescript';
import { load, wait } from './page.mjs';

const { object } = await load('validators');
const { subprotocol } = await load('subprotocol');
const { Socket } = await load('socket');

const page = readFileSync(new URL('../../docs/how-to/testing.md', import.meta.url), 'utf8');
const [source] = /class FakeSocket \{[^]*?\n\}/.exec(page);
const [passed] = /\{ WebSocket: FakeSocket[^}]*\}/.exec(page);
const script = ts.transpileModule(source, { compilerOptions: { target: ts.ScriptTarget.ES2022 } }).outputText;
const [FakeSocket, options] = new Function(`${script}; return [FakeSocket, ${passed}]`)();

test('client of the page is open without a server, and receives messages', async () => {
	const received = [];
	const endpoint = { name: 'test', kind: 'persistent', path: '/test', contract: 'x', client: {}, server: { said: { data: object } } };
	const settings = { ...options, url: () => 'ws://test' };
	const client = new Socket(endpoint, settings);
	subprotocol(client, settings);
	let status;
	client.listen('$state', (state) => (status = state.status));
	client.listen('said', (data) => received.push(data));

	client.open();
	await wait(20);
	assert.equal(status, 'open');
	FakeSocket.last.onmessage({ data: JSON.stringify({ type: 'said', data: { text: 'hi' } }) });

	assert.deepEqual(received, [{ text: 'hi' }]);
	client.close();
});
