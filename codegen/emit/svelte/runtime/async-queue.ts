/** Queue between a source that pushes values and a reader that iterates over them. */

/** Maximum number of unread values. */
const MAX_UNREAD = 1024;

/**
 * Iterate over the values that `start` pushes, until it ends the queue.
 *
 * @param start Subscribes to the source, and returns the function that unsubscribes.
 * @throws The error that ends the queue.
 * @throws RangeError if more than 1024 values are unread.
 */
export async function* asyncQueue<T>(
	start: (push: (value: T) => void, end: (error?: unknown) => void) => () => void,
): AsyncGenerator<T, void, void> {
	const unread: T[] = [];
	let ended: { readonly error: unknown } | undefined;
	let wake = (_?: unknown): void => undefined;
	const stop = start(
		(value) => wake(unread.push(value)),
		(error) => wake((ended ??= { error })),
	);
	try {
		for (;;) {
			if (unread.length > MAX_UNREAD) throw new RangeError('queue full');
			if (unread.length) yield unread.shift()!;
			else if (!ended) await new Promise((resolve) => (wake = resolve));
			else if (ended.error) throw ended.error;
			else return;
		}
	} finally {
		stop();
	}
}
