import type { Plugin } from 'vite';

export interface WebSocketsOptions {
	/** URL of the Tornado server. Default `http://127.0.0.1:8888`. */
	readonly target?: string;
	/** Folder of the Python project, relative to the root of Vite. Default: the nearest parent folder with a pyproject.toml. */
	readonly project?: string;
	/** Command that runs codegen; false disables it. Default: `-m codegen` with the Python of the project's virtual environment. */
	readonly codegen?: readonly [string, ...string[]] | false;
	/** Other routes to proxy, such as actions: `/rooms/{room}/export`. */
	readonly paths?: readonly string[];
}

/**
 * Plugin that proxies the endpoints to Tornado in dev and preview, and runs codegen when a schema changes. Problems with
 * schemas are shown in the page and fail the build.
 */
export declare function websockets(options?: WebSocketsOptions): Plugin;
