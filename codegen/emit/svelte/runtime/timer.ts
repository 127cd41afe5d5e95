/** Timers with a delay that users choose. */

export type Timer = ReturnType<typeof setTimeout> | undefined;

/** Return the time in a header or a member, in milliseconds and at most a day; NaN if it is malformed. */
export const waitingTime = (value: unknown, unit = 1): number => Math.min(Number(value) * unit, 86_400_000);

/** Call `callback` after `delay` milliseconds; never if it is 0, or over 12 days, such as `Infinity`. */
export const startTimer = (callback: () => void, delay: number): Timer =>
	delay > 0 && delay < 2 ** 30 ? setTimeout(callback, delay) : undefined;
