/** Values that arrive while their reader is busy. */

/** Unread values beyond which a reader is too slow. */
export const BOUND = 1024;

/**
 * Iterate over what `start` pushes, until it ends; with an error, that is thrown.
 *
 * @param start returns what to call when the reader has enough.
 */
export async function* inbox<T>(
	start: (push: (value: T) => void, end: (error?: unknown) => void) => () => void,
): AsyncGenerator<T, void, void> {
	const unread: T[] = [];
	let over: { readonly error: unknown } | undefined;
	let wake: (() => void) | undefined;
	const end = (error?: unknown): void => {
		over ??= { error };
		wake?.();
	};
	const stop = start((value) => (unread.push(value) > BOUND ? end(new RangeError('too many unread items')) : wake?.()), end);
	try {
		for (;;) {
			while (unread.length && unread.length <= BOUND) yield unread.shift()!;
			if (over?.error) throw over.error;
			if (over) return;
			await new Promise<void>((resolve) => (wake = resolve));
		}
	} finally {
		stop();
	}
}
