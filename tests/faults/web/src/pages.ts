/** Pages with the generated client, in Node. Reads commands from the standard input; prints each event as a line of JSON. */
import './globals.js';
import { createInterface } from 'node:readline';
import { Feed } from './ws/feed/client.svelte.js';

const pages: Feed[] = [];

const print = (...values: unknown[]): void => void process.stdout.write(JSON.stringify(values) + '\n');

function make(base: string, room: string): void {
	const index = pages.length;
	const page = new Feed({ room }, { base, backoff: { base: 50, cap: 400 }, connectTimeout: 3000, history: 1 });
	page.on('$message', (message) => {
		const { type, data } = message;
		if (type === 'item') print(index, 'item', data.n, message.seq);
	});
	let previous = '';
	page.on('$state', ({ status }) => {
		if (status !== previous) print(index, 'status', (previous = status));
	});
	page.on('$resumed', ({ recovered }) => print(index, 'resumed', recovered));
	page.on('$reset', () => print(index, 'reset'));
	page.on('$error', (error) => print(index, 'error', error.code));
	page.on('$invalid', (error) => print(index, 'invalid', error.code));
	const receive = page.receiveFrame.bind(page);
	page.receiveFrame = (frame) => {
		if (frame.type === '$joined') print(index, 'joined', frame.data.seq);
		receive(frame);
	};
	page.open();
	pages.push(page);
}

const commands: { [name: string]: (...values: any[]) => void } = {
	make: (base: string, room: string, count: number) => {
		for (let made = 0; made < count; made++) make(base, room);
	},
	reconnect: () => pages.forEach((page) => page.reconnect()),
	close: () => process.exit(0),
};

createInterface({ input: process.stdin }).on('line', (line) => {
	const [name, ...values] = JSON.parse(line);
	commands[name]!(...values);
	print(-1, 'done', name);
});
print(-1, 'ready');
