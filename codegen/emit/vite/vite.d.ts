import type { Plugin } from 'vite';

export interface WebSocketsOptions {
	/** URL of the Tornado server. Default `http://127.0.0.1:8888`. */
	readonly target?: string;
	/** Folder of the Python project, relative to the root of Vite. Default: the nearest parent folder with a pyproject.toml. */
	readonly project?: string;
	/**
	 * Python that runs codegen, relative to the Python project. Default: that of the active virtual environment, of the nearest `.venv` or
	 * `venv` in the project or above, of `uv run` if there is a uv.lock, or on the PATH.
	 */
	readonly python?: string;
	/** Command that runs codegen; false disables it. Default: `-m codegen` with `python`. */
	readonly codegen?: readonly [string, ...string[]] | false;
	/** Path before all routes in the browser, such as `paths.base` of SvelteKit: `/app`. Default: `base` of Vite. */
	readonly base?: string;
	/** Other routes to proxy, such as actions: `/rooms/{room}/export`. */
	readonly paths?: readonly string[];
}

/**
 * Plugin that proxies the endpoints to Tornado in dev and preview, and runs codegen when a schema changes. Problems with
 * schemas are shown in the page and fail the build.
 */
export declare function websockets(options?: WebSocketsOptions): Plugin;
