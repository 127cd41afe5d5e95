// Socket.IO on Node with ajv.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Server } from 'socket.io';

const { $defs } = JSON.parse(readFileSync(new URL('../schemas/mirror.json', import.meta.url), 'utf8'));
const valid = new Ajv2020().compile($defs.Echo);
const io = new Server(Number(process.argv[2]), { host: '127.0.0.1', transports: ['websocket'] });

io.on('connection', (socket) => {
	socket.on('echo', (line) => {
		if (valid(line)) socket.emit('echo', line);
		else socket.disconnect();
	});
	socket.on('say', (line) => {
		if (valid(line)) io.emit('say', line);
		else socket.disconnect();
	});
});
