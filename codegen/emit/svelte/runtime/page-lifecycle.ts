/** The life of the page. */

/**
 * @param turn called with true when the page is shown or the network came back, and with false when the page goes to the
 * back/forward cache, out of which an open socket would keep it.
 * @param signal ends it.
 */
export function watchPage(turn: (shown: boolean) => void, signal: AbortSignal): void {
	for (const type of ['online', 'pageshow', 'pagehide', 'visibilitychange']) {
		const listen = ({ persisted }: Event & { persisted?: boolean }): void => {
			if (type !== 'pagehide' ? !document.hidden : persisted) turn(type !== 'pagehide');
		};
		addEventListener(type, listen, { signal });
	}
}
