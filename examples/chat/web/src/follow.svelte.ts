/** Scroll position of a list that grows at its end. */

import type { Attachment } from 'svelte/attachments';

/** Largest distance from the end at which a reader is still at the end, in pixels. */
const NEAR = 40;

/** Keeps an element scrolled to its end while the reader is there, and where it is otherwise. */
export class Follower {
	isAtEnd = $state(true);
	#node: HTMLElement | undefined;

	/** Attach to the scrolled element, which has one child. */
	readonly attach: Attachment<HTMLElement> = (node) => {
		this.#node = node;
		let top = 0;
		const onscroll = (): void => {
			const isNear = node.scrollHeight - node.scrollTop - node.clientHeight < NEAR;
			// The distance also grows with the list, but only readers move up.
			if (isNear || node.scrollTop < top) this.isAtEnd = isNear;
			top = node.scrollTop;
		};
		const resized = new ResizeObserver(() => {
			if (this.isAtEnd) this.scrollToEnd();
		});
		for (const observed of [node, ...node.children]) resized.observe(observed);
		node.addEventListener('scroll', onscroll, { passive: true });
		return () => {
			resized.disconnect();
			node.removeEventListener('scroll', onscroll);
		};
	};

	scrollToEnd(): void {
		this.isAtEnd = true;
		this.#node?.scrollTo({ top: this.#node.scrollHeight });
	}

	focus(): void {
		this.#node?.focus({ preventScroll: true });
	}
}
