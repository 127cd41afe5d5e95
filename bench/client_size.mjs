// Bundles the demo's client like `vite build`, and prints its sizes in bytes, as JSON.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const CLIENT = new URL('../generated/client', import.meta.url).pathname;
const VALIDATORS = `export { chat } from '${CLIENT}/chat/messages.ts'; export { export_ } from '${CLIENT}/export/messages.ts';`;
const SOCKET = `export { Socket } from '${CLIENT}/runtime/socket.ts'; export { requests } from '${CLIENT}/runtime/requests.ts';
	export { InvalidMessage } from '${CLIENT}/runtime/errors.ts';`;
const CHAT = `export { Chat } from '${CLIENT}/chat/client.svelte.ts'; export { InvalidMessage } from '${CLIENT}/runtime/errors.ts';`;
const EXPORT = `export { Export } from '${CLIENT}/export/client.svelte.ts';`;
const COMPONENT = `export { default as ExportSocket } from '${CLIENT}/export/ExportSocket.svelte';`;

const entries = { validators: VALIDATORS, client: VALIDATORS + SOCKET, classes: CHAT + EXPORT, component: CHAT + EXPORT + COMPONENT };

async function size(code) {
	const { output } = await build({
		root: CLIENT,
		configFile: false,
		logLevel: 'silent',
		plugins: [
			svelte({ configFile: false }),
			{
				name: 'entry',
				resolveId: (id) => (id === 'virtual:entry' ? id : null),
				load: (id) => (id === 'virtual:entry' ? code : null),
			},
		],
		build: {
			write: false,
			modulePreload: false,
			rolldownOptions: {
				input: 'virtual:entry',
				external: /^svelte/, // part of the page in any case
				preserveEntrySignatures: 'strict',
				output: { format: 'es' },
			},
		},
	});
	const text = output.map((file) => file.code ?? '').join('');
	return { minified: text.length, gzip: gzipSync(text, { level: 9 }).length };
}

const sizes = {};
for (const [name, code] of Object.entries(entries)) sizes[name] = await size(code);
console.log(JSON.stringify(sizes));
