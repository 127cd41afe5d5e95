/** Connections that the Content-Security-Policy of the page blocks. */
import type { Protocol } from './protocol.js';
import type { Socket } from './socket.js';

/** Milliseconds after a failure in which a violation is reported. */
const REPORT_DELAY = 50;

/**
 * Watch for violations of the policy during attempts to connect. In Chromium and Firefox, an attempt that
 * the policy blocks looks like a server that cannot be reached until the violation is reported.
 *
 * @returns A function for the failure of an attempt, which returns true if the policy has blocked a URL during it.
 */
export function contentPolicy<P extends Protocol>(socket: Socket<P>): (url: string | URL) => Promise<boolean> {
	let blocked: string[] = [];
	const note = ({ disposition, effectiveDirective, blockedURI }: SecurityPolicyViolationEvent): void => {
		if (disposition === 'enforce' && effectiveDirective === 'connect-src') blocked.push(blockedURI);
	};
	socket.listen('$state', ({ status }) => {
		if (status === 'connecting') document.addEventListener('securitypolicyviolation', note);
		else {
			document.removeEventListener('securitypolicyviolation', note);
			blocked = [];
		}
	});
	return async (url) => {
		await new Promise((resolve) => setTimeout(resolve, REPORT_DELAY));
		const { href } = new URL(url, document.baseURI);
		// Browsers report the URL, its origin or only its scheme.
		return blocked.some((uri) => href.replace(/^http/, 'ws').startsWith(uri));
	};
}
