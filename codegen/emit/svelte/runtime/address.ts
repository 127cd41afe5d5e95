/** Where to connect. */
import { InvalidMessage, SocketError } from './errors.js';
import type { Endpoint } from './protocol.js';

/** The URL of a persistent endpoint: parameters that its path names go there, the others to the query. */
export function address(endpoint: Endpoint<any>, params: object = {}, base: string | URL = location.origin): URL {
	const issue = endpoint.params?.(params, '');
	if (issue) throw new SocketError(new InvalidMessage('params', issue).message, 400);
	const query: { [name: string]: any } = { ...params };
	const path = endpoint.path!.replace(/\{(\w+)\}/g, (_, name: string) => {
		const part = encodeURIComponent(query[name]);
		// Nothing, `.` and `..` are no part of a path to any server, however they are encoded.
		if (!/[^.]/.test(part)) throw new SocketError(`params/${name}: expected a part of a path`, 400);
		delete query[name];
		return part;
	});
	const url = new URL(`.${path}`, base);
	for (const name in query) for (const value of [query[name] ?? []].flat()) url.searchParams.append(name, value);
	return url;
}
