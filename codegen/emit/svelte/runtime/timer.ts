/** Timers with a delay that users choose. */

export type Timer = ReturnType<typeof setTimeout> | undefined;

/** Call `callback` after `delay` milliseconds; never if it is 0, or too large for `setTimeout`, such as `Infinity`. */
export const startTimer = (callback: () => void, delay: number): Timer =>
	delay > 0 && delay < 2 ** 31 ? setTimeout(callback, delay) : undefined;
