/** Reason of a failed handshake: browsers hide it, so the page requests the same URL without an upgrade. */
import { contentPolicy } from './content-policy.js';
import { SocketError, type Reason } from './errors.js';
import type { Protocol } from './protocol.js';
import { LONGEST_DELAY } from './reconnect.js';
import type { Socket, SocketOptions } from './socket.js';
import { waitingTime } from './timer.js';

/** Number of equal failures after which a reason that waiting does not change, or an exception of the server, is reported. */
const REPORTED_AFTER = 3;
/** Milliseconds to wait for the answer to the request. */
const ASK_TIMEOUT = 5000;

/** Reason with the time that the server requires before the next attempt, in milliseconds. */
interface Answer extends Reason {
	readonly retryAfterMs: number;
}

const NO_ANSWER: Answer = {
	code: 'no_answer',
	message: 'nothing answers at this URL: is the server stuck, or does a firewall drop packets?',
	retryable: true,
	retryAfterMs: 0,
};

const HELD: Answer = {
	code: 'held',
	message:
		'the server answers requests, but no WebSocket opens in time: does a proxy hold the handshake or its frames back, or does a guard take too long?',
	retryable: false,
	retryAfterMs: 0,
};

/** Add the reason to the errors of failed handshakes, report it in the console once if it does not pass, and retry a permanent one rarely. */
export function diagnosis<P extends Protocol>(socket: Socket<P>, { WebSocket, backoff }: SocketOptions): void {
	if (WebSocket) return; // tests without a server
	let last: string | undefined;
	/** Number of failures in a row with this reason, if it is to be reported. */
	let count = 0;
	socket.listen('$state', ({ status }) => {
		if (status === 'open') count = 0;
	});
	const isBlocked = contentPolicy(socket);
	socket.explain = async (error, url, signal) => {
		const isTimeout = error.kind === 'timeout';
		const found = await ask(url, signal);
		if (await isBlocked(url)) return new SocketError('blocked by connect-src of the Content-Security-Policy', 18);
		const answer = isTimeout && found?.code === 'upgrade' ? HELD : found;
		if (!answer) return error;
		const { retryAfterMs, ...reason } = answer;
		const { code, message, retryable } = reason;
		count = retryable && code !== 'internal' ? 0 : code === last ? count + 1 : 1;
		last = code;
		if (count === REPORTED_AFTER) console.error(`${socket.endpoint.name} cannot connect: ${message}`);
		const isPermanent = !retryable && count >= REPORTED_AFTER;
		return new SocketError(
			message,
			error.code,
			isPermanent ? 'misconfigured' : retryable && !isTimeout ? 'unavailable' : error.kind,
			isPermanent ? (backoff?.cap ?? LONGEST_DELAY) : retryAfterMs,
			reason,
		);
	};
}

/** Return the answer to a request of the URL; undefined if it fails, or this page may not read it. */
async function ask(url: string | URL, attempt: AbortSignal): Promise<Answer | undefined> {
	const controller = new AbortController();
	const { signal } = controller;
	const abort = (): void => controller.abort();
	const timer = setTimeout(abort, ASK_TIMEOUT);
	attempt.addEventListener('abort', abort);
	try {
		const target = new URL(url, document.baseURI);
		target.protocol = target.protocol.replace('ws', 'http');
		const response = await fetch(target, {
			headers: { accept: 'application/vnd.tornado-ws+json' }, // for proxies that forward upgrades only
			cache: 'no-store',
			credentials: 'include', // as a handshake
			redirect: 'manual', // WebSockets do not follow redirects
			referrerPolicy: 'origin', // a request for the same origin has no header `Origin`
			signal,
		});
		const { status, headers } = response;
		const found = status === 426 ? await response.json().catch(() => undefined) : undefined;
		if (found?.code && found.message) {
			const { code, message, retryable, retryAfterMs } = found;
			return { code: `${code}`, message: `${message}`, retryable: retryable === true, retryAfterMs: waitingTime(retryAfterMs) };
		}
		if (status !== 426) void response.body?.cancel(); // may be a page
		const [code, text] = reasonOf(status);
		const retryable = status > 499 || [408, 425, 429].includes(status);
		return { code, message: `${text} (status ${status})`, retryable, retryAfterMs: waitingTime(headers.get('retry-after'), 1000) };
	} catch {
		return signal.aborted && !attempt.aborted ? NO_ANSWER : undefined;
	} finally {
		clearTimeout(timer);
		attempt.removeEventListener('abort', abort);
	}
}

/** Return the name and the text of an answer without a reason of the server. */
function reasonOf(status: number): [code: string, text: string] {
	if (!status) return ['redirected', 'the URL redirects, and WebSockets do not follow: check the scheme, the path and the login in front of it'];
	if (status < 400) return ['other_page', 'something else answers at this URL: check that the proxy forwards this path to the server'];
	if (status === 404 || status === 410)
		return ['not_found', 'nothing serves this URL: check the option `base`, the prefix in the proxy and the routes of the server'];
	if (status === 500) return ['internal', 'the server failed; its log has the traceback'];
	if (status > 500) return ['unreachable', 'a proxy answers, but not the server behind it'];
	return ['refused', 'something in front of the server refuses this URL, or it is not a tornado-ws server'];
}
