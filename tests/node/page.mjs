// Page for tests of the client runtime in Node: fake WebSockets, and a clock that only tests move.
import { mock } from 'node:test';
import { compileRuntime } from './runtime.mjs';

/** Replacement that makes the runtime that of a development server. */
const DEVELOPMENT = ['development', '(import.meta as { env?: { DEV?: boolean } }).env?.DEV ?? false', 'true'];

export const load = compileRuntime(process.env.DEVELOPMENT ? [DEVELOPMENT] : []);

const START = 1_000_000;
mock.timers.enable({ apis: ['setTimeout', 'Date'], now: START });
Object.defineProperty(globalThis, 'performance', { value: { now: () => Date.now() } });
Object.assign(globalThis, {
	document: { hidden: false },
	addEventListener: () => undefined,
	reportError: (error) => {
		throw error;
	},
});
Math.random = () => 0.5;

/** Let promises settle. */
export async function settle() {
	for (let turn = 0; turn < 20; turn++) await undefined;
}

/** Move the clock in small steps, so that promises settle between timers. */
export async function wait(milliseconds) {
	for (let left = milliseconds; left > 0; left -= 10) {
		mock.timers.tick(Math.min(10, left));
		await settle();
	}
}

export class FakeWebSocket {
	static all = [];
	/** Newest connection. */
	static get last() {
		return FakeWebSocket.all.at(-1);
	}

	readyState = 0;
	protocol = '';
	sent = [];

	constructor(url) {
		this.url = String(url);
		FakeWebSocket.all.push(this);
	}

	send(text) {
		if (this.readyState === 1) this.sent.push(JSON.parse(text));
	}

	close() {
		this.readyState = 2;
	}

	/** Complete the handshake; `heartbeat` is in seconds. */
	accept(heartbeat = 25) {
		this.readyState = 1;
		this.protocol = 'tornado-ws.1';
		this.onopen();
		this.receive({ type: '$hello', data: { connection: 'c', contracts: ['x'], heartbeat } });
	}

	receive(...frames) {
		for (const frame of frames) this.onmessage({ data: JSON.stringify(frame) });
	}

	/** Lose the connection. */
	drop(code = 1006) {
		this.readyState = 3;
		this.onclose({ code, reason: '' });
	}

	/** Application frames that were sent. */
	get messages() {
		return this.sent.filter(({ type }) => type[0] !== '$');
	}

	get pings() {
		return this.sent.filter(({ type }) => type === '$ping').length;
	}
}
globalThis.WebSocket = FakeWebSocket;

const any = () => undefined;

export const endpoint = {
	name: 'test',
	kind: 'persistent',
	path: '/test',
	contract: 'x',
	messageBytes: 100,
	presence: (value, pointer) => (value.name ? undefined : { pointer, keyword: 'required', message: 'expected "name"' }),
	client: {
		say: { data: any },
		move: { data: any, rate: [3, 1] },
		typing: { volatile: true },
		ask: { data: any, reply: any },
		order: { data: any, acknowledged: true },
		slow: { data: any, acknowledged: true, rate: [1, 100] },
		quick: { data: any, acknowledged: true, rate: [100, 1] },
		follow: { data: any, stream: any, resume: '/at/a~1b' },
		tick: { stream: any, resume: '' },
		count: { data: any, stream: any },
	},
	server: { said: { data: any, replay: 2000 }, note: { data: any } },
};

const { Socket } = await load('socket');
const { sizes } = await load('sizes');

let previous;

/** Create an open client, with features of the runtime; it replaces the previous one. */
export async function open(options = {}, ...features) {
	previous?.close();
	const client = new Socket(endpoint, { url: 'ws://test', backoff: { base: 100 }, ...options });
	client.use = () => () => undefined; // as the reactive client
	client.owners = [];
	client.stopWithOwner = (stop) => client.owners.push(stop);
	sizes(client);
	const results = [];
	for (const feature of features) results.push(feature(client));
	previous = client;
	client.open();
	await settle();
	FakeWebSocket.last.accept();
	await settle();
	return [client, ...results];
}

/** Lose the connection, and wait for the handshake of the next one. */
export async function reconnect() {
	const { length } = FakeWebSocket.all;
	FakeWebSocket.last.drop();
	while (FakeWebSocket.all.length === length) await wait(10);
	return FakeWebSocket.last;
}
