// Connections of the generated client, which reconnect automatically.
// node --experimental-websocket pages.mjs <folder of the client> <typescript> <port> <count>
// Prints a line of JSON for each change of state, and exits at the end of its input.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [client, typescript, port, count] = process.argv.slice(2);
const { default: ts } = await import(pathToFileURL(typescript));
const folder = mkdtempSync(join(tmpdir(), 'pages-'));

function transpile(part) {
	mkdirSync(join(folder, part));
	for (const name of readdirSync(join(client, part))) {
		if (!/^[\w-]+\.ts$/.test(name)) continue;
		const { outputText } = ts.transpileModule(readFileSync(join(client, part, name), 'utf8'), {
			compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
		});
		writeFileSync(join(folder, part, name.replace(/ts$/, 'js')), outputText);
	}
}

writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
transpile('runtime');
transpile('mirror');
const { Socket } = await import(pathToFileURL(join(folder, 'runtime/socket.js')));
const { mirror } = await import(pathToFileURL(join(folder, 'mirror/messages.js')));
rmSync(folder, { recursive: true });

// Globals of browsers that Node lacks.
globalThis.addEventListener ??= () => {};
globalThis.document ??= { hidden: false };

for (let page = 0; page < count; page++) {
	// The WebSocket of Node 20, unlike browsers, fires no close event if the connection is refused.
	const socket = new Socket(mirror, { url: `ws://127.0.0.1:${port}/echo`, connectTimeout: 1000 });
	socket.on('$state', ({ status, error }) => {
		if (status !== 'connecting') console.log(JSON.stringify({ page, status, code: error?.code }));
	});
	socket.open();
}
process.stdin.on('end', () => process.exit(0)).resume();
