/** Subprotocol that a proxy removes from the handshake: the query of the URL offers it instead of a header. */
import type { Protocol } from './protocol.js';
import { Socket, SUBPROTOCOL, type SocketOptions } from './socket.js';

/** Place of the offer; `none` if there is none, or the server does not know the subprotocol. */
type Offer = 'header' | 'query' | 'none';

/** Number of failed handshakes in a row in which the server finds no fault, after which one attempt uses the query. */
const TRIED_AFTER = 2;

/**
 * Offer the subprotocol in the query if it gets lost.
 *
 * Chromium fails a handshake whose subprotocol is not selected, so that a removed header looks like a missing upgrade. Firefox and
 * WebKit open the connection without it.
 */
export function subprotocol<P extends Protocol>(socket: Socket<P>, { url }: SocketOptions): void {
	/** Place of the offer in the next attempt. */
	let offer: Offer = 'header';
	/** Place of the offer in the current attempt. */
	let offered: Offer = 'none';
	/** Number of failed handshakes in a row without a fault. */
	let failures = 0;
	/** True while the first frame of a connection decides. */
	let isAwaited = false;
	let isWarned = false;
	const prepare = socket.prepare.bind(socket);
	const open = socket.openPlain.bind(socket);
	const receive = socket.receiveFrame.bind(socket);

	socket.listen('$hello', () => {
		if (offered === 'query' && !isWarned) warn();
	});
	socket.listen('$state', ({ status, error }) => {
		if (status === 'open') failures = 0;
		if (status !== 'waiting') return;
		if (isAwaited) giveUp();
		else if (error?.reason?.code !== 'upgrade') failures = 0;
		else if (offered === 'query') ({ offer, failures } = { offer: 'header', failures: 0 });
		else if (++failures >= TRIED_AFTER) offer = 'query';
	});
	socket.prepare = (target) => {
		offered = String(target.protocols) === SUBPROTOCOL ? offer : 'none'; // others are not in the query
		if (offered !== 'query') return prepare(target);
		const url = new URL(target.url, document.baseURI);
		url.searchParams.set('$subprotocol', SUBPROTOCOL);
		return prepare({ url });
	};
	socket.openPlain = () => {
		if (offered === 'query') isAwaited = true;
		else if (offered === 'none' || (url && typeof url !== 'function')) open(); // a fixed URL may be valid once only
		else {
			offer = 'query';
			Socket.prototype.reconnect.call(socket); // the method of a subclass would keep the connection open
		}
	};
	socket.receiveFrame = (frame) => {
		if (isAwaited && frame?.type !== '$hello') {
			giveUp();
			open();
		}
		isAwaited = false;
		receive(frame);
	};

	function giveUp(): void {
		isAwaited = false;
		offer = 'none';
	}

	function warn(): void {
		isWarned = true;
		console.warn(`${socket.endpoint.name} has lost its subprotocol: does a proxy remove Sec-WebSocket-Protocol?`);
	}
}
