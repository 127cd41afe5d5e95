// Renders Server.svelte without a browser; prints the HTML and the URLs of opened connections as JSON.
import { createServer } from 'vite';

const opened = [];
globalThis.WebSocket = class {
	constructor(url) {
		opened.push(String(url));
	}
};
globalThis.fetch = (url) => {
	opened.push(String(url));
	return new Promise(() => undefined);
};
globalThis.window = undefined;

const vite = await createServer({ server: { middlewareMode: true, ws: false }, appType: 'custom', logLevel: 'error' });
const { render } = await vite.ssrLoadModule('svelte/server');
const { default: Page, use } = await vite.ssrLoadModule('/src/Server.svelte');
const { body } = await render(Page);
await new Promise((resolve) => setTimeout(resolve, 300));
console.log(JSON.stringify({ body, opened, uses: await use() }));
await vite.close();
