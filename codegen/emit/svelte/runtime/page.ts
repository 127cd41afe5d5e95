/** The life of the page: what may mean that the network is back, or that the page goes away. */

/**
 * @param wake called when the page is shown, or the network came back.
 * @param sleep called when the page goes to the back/forward cache, out of which an open socket would keep it.
 * @param signal ends it.
 */
export function watchPage(wake: () => void, sleep: () => void, signal: AbortSignal): void {
	const listen = ({ type, persisted }: Event & { persisted?: boolean }): void => {
		if (type !== 'pagehide') document.hidden || wake();
		else if (persisted) sleep();
	};
	for (const type of ['online', 'pageshow', 'pagehide', 'visibilitychange']) globalThis.addEventListener?.(type, listen, { signal });
}
