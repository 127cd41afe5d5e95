/** Queue between a source that pushes values and a reader that iterates over them. */

/**
 * Iterate over the values that `start` pushes, until it ends the queue.
 *
 * @param start Subscribes to the source, and returns the function that unsubscribes.
 * @param maxUnread Maximum number of unread values.
 * @throws The error that ends the queue.
 * @throws RangeError if more values are unread.
 */
export async function* asyncQueue<T>(
	start: (push: (value: T) => void, end: (error?: unknown) => void) => () => void,
	maxUnread = 1024,
): AsyncGenerator<T, void, void> {
	const unread: T[] = [];
	let ended: { readonly error: unknown } | undefined;
	let wake: (change?: unknown) => void = () => undefined;
	const stop = start(
		(value) => wake(unread.push(value)),
		(error) => wake((ended ??= { error })),
	);
	try {
		for (;;) {
			if (unread.length > maxUnread) throw new RangeError('queue full');
			if (unread.length) yield unread.shift()!;
			else if (!ended) await new Promise((resolve) => (wake = resolve));
			else if (ended.error) throw ended.error;
			else return;
		}
	} finally {
		stop();
	}
}
