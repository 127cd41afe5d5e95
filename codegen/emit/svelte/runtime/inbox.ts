/** Values that arrive while their reader is busy. */

/** Unread values beyond which a reader is too slow. */
const BOUND = 1024;

/**
 * Iterate over what `start` pushes, until it ends; with an error, that is thrown.
 *
 * @param start is told by `signal` when the reader has enough.
 */
export async function* inbox<T>(
	start: (push: (value: T) => void, end: (error?: unknown) => void, signal: AbortSignal) => void,
): AsyncGenerator<T, void, void> {
	const unread: T[] = [];
	const enough = new AbortController();
	let over: { readonly error: unknown } | undefined;
	let wake: (() => void) | undefined;
	const end = (error?: unknown): void => {
		over ??= { error };
		wake?.();
	};
	try {
		start((value) => (unread.push(value) > BOUND ? end(new RangeError('too many unread messages')) : wake?.()), end, enough.signal);
		for (;;) {
			while (unread.length && unread.length <= BOUND) yield unread.shift()!;
			if (over?.error) throw over.error;
			if (over) return;
			await new Promise<void>((resolve) => (wake = resolve));
		}
	} finally {
		enough.abort();
	}
}
