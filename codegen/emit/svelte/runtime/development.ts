/** Mode of the page. */

/** True in the development server of Vite. Builds contain no code that depends on it. */
export const isDevelopment: boolean = (import.meta as { env?: { DEV?: boolean } }).env?.DEV ?? false;
