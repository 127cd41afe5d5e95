/** Requests whose failures are values. */
import { Refused, SocketError, type RefusedOf } from './errors.js';
import type { Protocol, RequestArguments, ResponseData } from './protocol.js';
import type { Request, RequestOptions } from './requests.js';

/** Reply to a request, or the reason why there is none; `error.code` determines the type of `error.data`. */
export type Result<P extends Protocol, K extends keyof P['requests'] & string> =
	| { readonly ok: true; readonly value: ResponseData<P['requests'][K]> }
	| { readonly ok: false; readonly error: RefusedOf<P, K> | SocketError };

/**
 * Send a request and wait for its result. The promise resolves also if the server refuses the request or does not reply in
 * time (`Refused`), and if the connection is closed or lost before the reply (`SocketError`). It rejects for mistakes of the
 * page, and when its own `signal` is aborted.
 */
export type Try<P extends Protocol> = <K extends keyof P['requests'] & string>(
	name: K,
	...rest: RequestArguments<P['requests'][K], RequestOptions>
) => Promise<Result<P, K>>;

export const results =
	<P extends Protocol>({ request }: { readonly request: Request<P> }): Try<P> =>
	async (name, ...rest) => {
		try {
			return { ok: true, value: await request(name, ...rest) };
		} catch (error: any) {
			const isResult = error instanceof Refused || error instanceof SocketError;
			if (isResult && error !== rest[1]?.signal?.reason) return { ok: false, error: error as any };
			throw error;
		}
	};
