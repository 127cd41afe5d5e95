/** Where to connect. */
import { SocketError } from './errors.js';
import type { Endpoint } from './protocol.js';
import { verdict } from './validate.js';

/** The URL of a persistent endpoint: parameters that its path names go there, the others to the query. */
export function address(endpoint: Endpoint<any>, given: object = {}, base: string | URL = location.origin): URL {
	const params = JSON.parse(JSON.stringify(given)); // what the server will read
	const refused = endpoint.params && verdict('params', endpoint.params, params);
	if (refused) throw new SocketError(refused.message, 400);
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries<any>(params)) for (const one of [value ?? []].flat()) query.append(name, one);
	const path = endpoint.path!.replace(/\{(\w+)\}/g, (_, name: string) => {
		const part = encodeURIComponent(query.get(name) ?? '');
		// Nothing, `.` and `..` are no part of a path to any server, however they are encoded.
		if (!/[^.]/.test(part)) throw new SocketError(`params/${name}: expected a part of a path`, 400);
		query.delete(name);
		return part;
	});
	const url = new URL(`.${path}`, base);
	url.search = `${query}`;
	return url;
}
