/** Requests to the server: messages with one reply. */
import { isDevelopment } from './development.js';
import { Refused, type SocketError } from './errors.js';
import { requireName } from './names.js';
import type { Protocol, RequestArguments, ResponseData } from './protocol.js';
import type { Socket } from './socket.js';
import { startTimer, type Timer } from './timer.js';

export interface RequestOptions {
	/**
	 * Milliseconds until the promise rejects with a `Refused` whose code is `timeout`; 0 and `Infinity`: never. Default: the
	 * `timeout` in the schema and 2000 for the way there and back, so that the answer of the server comes first; else 10000.
	 */
	readonly timeout?: number;
	/** Rejects the promise and cancels the request on the server. */
	readonly signal?: AbortSignal;
}

/**
 * Send a request and wait for its reply. Without a connection, it is sent on the next one. After `close()`, a promise without
 * readers is not reported as an unhandled rejection.
 *
 * @throws InvalidMessage if the data does not match its schema; nothing is sent then.
 * @throws Refused if the server replies with an error, or does not reply in time (`timeout`).
 * @throws SocketError if the connection is closed or lost before the reply.
 */
export type Request<P extends Protocol> = <K extends keyof P['requests'] & string>(
	name: K,
	...rest: RequestArguments<P['requests'][K], RequestOptions>
) => Promise<ResponseData<P['requests'][K]>>;

export const requests =
	<P extends Protocol>(socket: Socket<P>): Request<P> =>
	(name, ...[data, { timeout = (socket.endpoint.client[name]?.timeout ?? 8) * 1000 + 2000, signal } = {}]) => {
		let cancel: (() => void) | undefined;
		let timer: Timer;
		let abort!: () => void;
		const promise = new Promise<any>((resolve, reject) => {
			requireName(socket.endpoint, 'request', name);
			signal?.throwIfAborted();
			cancel = socket.sendRequest(name, data, resolve, reject);
			timer = startTimer(() => reject(new Refused({ code: 'timeout', message: isDevelopment ? `no reply to ${name}` : 'timeout' })), timeout);
			signal?.addEventListener('abort', (abort = () => reject(signal.reason)));
		})
			.catch((error: unknown) => {
				// No unhandled rejection, because a component that is destroyed does not wait. `await` throws nevertheless.
				if (/closed|no-browser/.test((error as SocketError).kind)) promise.catch(() => {});
				throw error;
			})
			.finally(() => {
				cancel?.();
				clearTimeout(timer);
				signal?.removeEventListener('abort', abort);
			});
		return promise;
	};
