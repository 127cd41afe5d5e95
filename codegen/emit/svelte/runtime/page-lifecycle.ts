/** Events of the page that start and stop connections. */

/**
 * Watch the visibility of the page and its network.
 *
 * @param listener Called with true when the page becomes visible or the network is back, and with false when the page enters
 * the back/forward cache, which rejects pages with an open socket.
 * @param signal Removes the listeners.
 */
export function watchPage(listener: (active: boolean) => void, signal: AbortSignal): void {
	for (const type of ['online', 'pageshow', 'pagehide', 'visibilitychange']) {
		const handle = ({ persisted }: Event & { persisted?: boolean }): void => {
			if (type !== 'pagehide' ? !document.hidden : persisted) listener(type !== 'pagehide');
		};
		addEventListener(type, handle, { signal });
	}
}
