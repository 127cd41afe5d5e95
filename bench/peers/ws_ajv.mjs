// ws on Node with ajv.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { WebSocketServer } from 'ws';

const { $defs } = JSON.parse(readFileSync(new URL('../schemas/mirror.json', import.meta.url), 'utf8'));
const valid = new Ajv2020().compile({
	$defs,
	type: 'object',
	properties: { type: { const: 'echo' }, data: { $ref: '#/$defs/Echo' } },
	required: ['type', 'data'],
	additionalProperties: false
});

new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]) }).on('connection', (socket) => {
	socket.on('message', (data) => {
		const message = JSON.parse(data.toString());
		if (!valid(message)) return socket.close(1008);
		socket.send(JSON.stringify(message));
	});
});
