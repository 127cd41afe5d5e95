// Process with Socket.IO and its adapter for Redis streams, without clients; redis_ours.py states its protocol.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';

const [url, role, , count, inFlight] = process.argv.slice(2);
const data = { user: 'ann', text: 'hello everybody, how do you do?' };
const client = createClient({ socket: { path: url.replace('unix://', '') } });
await client.connect();
const io = new Server(createServer(), { adapter: createAdapter(client, { maxLen: 200 }) });
const { adapter } = io.of('/');

let left = Number(count);
const { onMessage } = adapter;
let finish;
const received = new Promise((resolve) => (finish = resolve));
adapter.onMessage = function (message, ...rest) {
	onMessage.call(this, message, ...rest);
	if (message.type === 3 && --left === 0) finish(); // a broadcast
};

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
setTimeout(() => console.log('ready'), 1000); // until the adapter reads the stream
await lines.next();
if (role === 'publish')
	for (let sent = 0; sent < count; sent += Number(inFlight)) {
		for (let index = 0; index < Math.min(inFlight, count - sent); index++) io.to('room').emit('said', data);
		await client.ping(); // answered after the messages
	}
else await received;
console.log('done');
await lines.next();
process.exit();
