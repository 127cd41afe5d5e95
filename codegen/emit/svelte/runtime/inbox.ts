/** Values that arrive while their reader is busy. */

export interface Inbox<T> {
	/** Give the reader one more. */
	push(value: T): void;
	/** There will be no more; with an error, the reader gets that. */
	end(error?: unknown): void;
}

/** Unread values beyond which a reader is too slow. */
const BOUND = 1024;

/** Iterate over what `start` pushes, until it ends. What `start` returns is called when the reader has enough. */
export async function* inbox<T>(start: (inbox: Inbox<T>) => () => void): AsyncGenerator<T, void, void> {
	const unread: T[] = [];
	let over: { readonly error?: unknown } | undefined;
	let wake: (() => void) | undefined;
	const end = (error?: unknown): void => {
		over ??= { error };
		wake?.();
	};
	const stop = start({
		push(value) {
			if (unread.push(value) > BOUND) {
				unread.length = 0;
				end(new RangeError(`more than ${BOUND} unread messages`));
			}
			wake?.();
		},
		end,
	});
	try {
		for (;;) {
			while (unread.length) yield unread.shift()!;
			if (over?.error) throw over.error;
			if (over) return;
			await new Promise<void>((resolve) => (wake = resolve));
		}
	} finally {
		stop();
	}
}
