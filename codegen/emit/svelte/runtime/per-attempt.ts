/** Options that are read again before each attempt to connect, such as credentials. */

/** Value, or a function that returns it before each attempt; the signal aborts when the attempt ends. */
export type PerAttempt<T> = T | ((signal: AbortSignal) => T | Promise<T>);

/** Return the value for one attempt. */
export const valueFor = <T>(option: PerAttempt<T>, signal: AbortSignal): T | Promise<T> =>
	typeof option === 'function' ? (option as (signal: AbortSignal) => T | Promise<T>)(signal) : option;

/** Return true if one of the options is a function, so that another attempt may have other credentials. */
export const canChange = (...options: unknown[]): boolean => options.some((option) => typeof option === 'function');
