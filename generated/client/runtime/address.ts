/** Where to connect. */
import { InvalidMessage, SocketError } from './errors.js';
import type { Endpoint } from './protocol.js';

/** The URL of a persistent endpoint: parameters that its path names go there, the others to the query. */
export function address(endpoint: Endpoint<any>, params: object = {}, base?: string | URL): URL {
	const issue = endpoint.params?.(params, '');
	if (issue) throw new InvalidMessage('params', issue);
	const rest = new Map<string, unknown>(Object.entries(params));
	const path = endpoint.path!.replace(/\{(\w+)\}/g, (_, name: string) => {
		const value = String(rest.get(name) ?? '');
		// No server would see these three as a part of the path, however they are encoded.
		if (/^\.{0,2}$/.test(value)) throw new SocketError(`params/${name}: expected a part of a path`, 400);
		rest.delete(name);
		return encodeURIComponent(value);
	});
	const url = base === undefined ? new URL(path, location.origin) : new URL(`.${path}`, base);
	for (const [name, value] of rest) {
		if (value !== undefined) for (const one of [value].flat()) url.searchParams.append(name, String(one));
	}
	return url;
}

/** Browsers before 2024 connect to nothing but absolute `ws:` and `wss:` URLs. */
export function socketUrl(url: string | URL, base: string | undefined): URL {
	const absolute = new URL(url, base);
	absolute.protocol = absolute.protocol.replace('http', 'ws');
	return absolute;
}
