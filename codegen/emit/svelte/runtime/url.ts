/** URLs of persistent endpoints. */
import { SocketError } from './errors.js';
import type { Codec, Endpoint } from './protocol.js';
import { validate } from './validate.js';

/**
 * Return the URL of a persistent endpoint. Parameters named in its path are inserted there; the others form the query.
 *
 * @throws SocketError if the parameters do not match their schema.
 */
export function endpointUrl(endpoint: Endpoint<any>, params: object = {}, base?: string | URL, json: Codec = JSON): URL {
	const data = json.parse(json.stringify(params)); // as the server will read it
	const error = endpoint.params && validate('params', endpoint.params, data);
	if (error) throw new SocketError(error.message, 12);
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries<any>(data)) for (const item of [value ?? []].flat()) query.append(name, item);
	const path = endpoint.path!.replace(/\{(\w+)\}/g, (_, name: string) => {
		const segment = encodeURIComponent(query.get(name) ?? '');
		// Servers remove empty segments, `.` and `..`, even if they are percent-encoded.
		if (!/[^.]/.test(segment)) throw new SocketError(`params/${name}: expected a part of a path`, 12);
		query.delete(name);
		return segment;
	});
	const url = new URL(`.${path}`, serverUrl(base));
	url.search = `${query}`;
	return url;
}

/** Return the URL of a server, relative to the document, with a slash at its end, so that its path stays. */
function serverUrl(base: string | URL = location.origin): URL {
	const url = new URL(base || '/', typeof document === 'object' ? document.baseURI : location.href);
	url.pathname = url.pathname.replace(/\/?$/, '/');
	return url;
}
