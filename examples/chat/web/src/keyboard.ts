/** Room for an on-screen keyboard. */

/** Set `--visible-height` to the height above the keyboard, for browsers that do not resize the page (Safari). */
export function fillVisibleHeight(node: HTMLElement): () => void {
	const viewport = window.visualViewport;
	const resize = (): void => {
		// A page that is enlarged by the user keeps its height.
		if (viewport) node.style.setProperty('--visible-height', `${viewport.height * viewport.scale}px`);
	};
	resize();
	viewport?.addEventListener('resize', resize);
	return () => viewport?.removeEventListener('resize', resize);
}
