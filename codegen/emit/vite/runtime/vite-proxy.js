// Routes of the proxy between Vite and Tornado.

/** @typedef {import('vite').HttpProxy.ProxyServer} ProxyServer */

/**
 * @param {string} target URL of the Tornado server.
 * @param {readonly string[]} sockets Routes of sockets.
 * @param {readonly string[]} others Other routes.
 * @param {string} base Path before the routes in the browser, which Tornado does not receive.
 * @param {(line: string) => void} print Prints a line for the developer.
 * @returns {Record<string, import('vite').ProxyOptions>}
 */
export function proxyRoutes(target, sockets, others, base, print) {
	const prefix = base.startsWith('/') ? base.replace(/\/$/, '') : '';
	/** @param {string} path */
	const rewrite = (path) => (path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path);
	const report = reportOnce(target, print);
	/** @param {ProxyServer} proxy */
	const configure = (proxy) => void queueMicrotask(() => handleErrors(proxy, report)); // Vite adds its listeners in between
	const route = { target, xfwd: true, configure, rewrite };
	return {
		...Object.fromEntries(sockets.map((path) => [routePattern(prefix, path), { ...route, ws: true, bypass: bypassPages }])),
		...Object.fromEntries(others.map((path) => [routePattern(prefix, path), route])),
	};
}

/**
 * Leave requests without an upgrade to Vite, since `/chat/{room}` may also be the URL of a page, except those for the reason of a failed
 * handshake.
 *
 * @param {import('node:http').IncomingMessage} request
 */
const bypassPages = ({ headers, url }) => (headers.upgrade || headers.accept === 'application/vnd.tornado-ws+json' ? undefined : url);

/**
 * @param {string} prefix Path before the route, without a slash at its end.
 * @param {string} path Route such as `/chat/{room}`.
 * @returns {string} Regular expression that matches the route, with or without the prefix, and with any query.
 */
const routePattern = (prefix, path) =>
	`^(?:${escape(prefix)})?${path
		.split(/(\{\w+\})/)
		.map((part, index) => (index % 2 ? '[^/?]+' : escape(part)))
		.join('')}(?:\\?.*)?$`;

/** @param {string} text */
const escape = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/**
 * Replace the listeners of Vite, which print a stack for each connection that ends when Tornado restarts.
 *
 * @param {ProxyServer} proxy Proxy of a route.
 * @param {ReturnType<typeof reportOnce>} report
 */
function handleErrors(proxy, report) {
	proxy.removeAllListeners('error');
	proxy.removeAllListeners('proxyReqWs');
	proxy.on('error', (error, _request, response) => {
		report.failure(error);
		if ('writeHead' in response && !response.headersSent) response.writeHead(502, { 'content-type': 'text/plain' });
		response.end();
	});
	proxy.on('proxyReqWs', (_request, _incoming, socket) => {
		socket.on('error', report.failure);
	});
	proxy.on('open', report.success);
	proxy.on('proxyRes', report.success);
}

/**
 * Report the first failure, until the server answers again. The end of an open connection is none: pages connect again.
 *
 * @param {string} target
 * @param {(line: string) => void} print
 */
function reportOnce(target, print) {
	let isReported = false;
	return {
		/** @param {Error & { readonly code?: string }} error */
		failure({ code, message }) {
			if (code === 'EPIPE' || code === 'ECONNRESET' || isReported) return;
			isReported = true;
			print(`no server at ${target}: ${code ?? message}; pages connect again when it runs`);
		},
		success() {
			isReported = false;
		},
	};
}
