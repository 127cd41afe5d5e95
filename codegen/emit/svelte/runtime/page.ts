/** The life of the page: what may mean that the network is back, or that the page goes away. */

/**
 * @param wake called when the network came back (`sure`), or when the page is shown and the network may be back.
 * @param sleep called when the page goes to the back/forward cache, from which an open socket would keep it out.
 * @returns how to stop.
 */
export function watchPage(wake: (sure: boolean) => void, sleep: () => void): () => void {
	if (typeof document === 'undefined') return () => undefined; // Node, or a worker
	const over = new AbortController();
	const { signal } = over;
	const shown = (): void => {
		if (document.visibilityState !== 'hidden') wake(false);
	};
	addEventListener('online', () => wake(true), { signal });
	addEventListener('pageshow', (event) => wake(event.persisted), { signal });
	document.addEventListener('visibilitychange', shown, { signal });
	addEventListener('pagehide', (event) => event.persisted && sleep(), { signal });
	return () => over.abort();
}
