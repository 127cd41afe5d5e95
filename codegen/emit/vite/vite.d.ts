import type { Plugin } from 'vite';

export interface WebSocketsOptions {
	/** Where Tornado listens. Default `http://127.0.0.1:8888`. */
	readonly target?: string;
	/** The Python project's folder, relative to Vite's root. Default: the nearest one with a pyproject.toml, from there upwards. */
	readonly project?: string;
	/** How to run codegen there; false: never. Default: `-m codegen` with the Python of the project's virtual environment. */
	readonly codegen?: readonly [string, ...string[]] | false;
	/** Other routes of Tornado that the page wants, such as actions: `/rooms/{room}/export`. */
	readonly paths?: readonly string[];
}

/**
 * Brings the endpoints to the page in dev and preview: they are proxied, beside Vite's own socket. Runs codegen when a schema
 * changes, shows what is wrong with it in the page, and fails the build then.
 */
export declare function websockets(options?: WebSocketsOptions): Plugin;
