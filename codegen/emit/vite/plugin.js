// The logic of the Vite plugin; vite.js beside the runtime hands it the paths of the endpoints.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

/**
 * @typedef {import('vite').Plugin} Plugin
 * @typedef {import('vite').ViteDevServer} ViteDevServer
 * @typedef {import('vite').ErrorPayload} ErrorPayload
 * @typedef {import('../vite.js').WebSocketsOptions} WebSocketsOptions
 * @typedef {{ readonly paths: readonly string[], readonly schemas: string }} Generated
 * @typedef {{ file: string, line: number, column: number, pointer: string, code: string, message: string, expected?: string, got?: string, hint?: string }} Problem
 */

const NAME = 'tornado-ws';

/**
 * Make the plugin for generated endpoints.
 *
 * @param {Generated} generated
 * @returns {(options?: WebSocketsOptions) => Plugin}
 */
export const plugin =
	(generated) =>
	({ target = 'http://127.0.0.1:8888', project, codegen, paths = [] } = {}) => {
		/** @type {Codegen | undefined} */
		let runner;
		/** @type {Promise<ErrorPayload['err'] | undefined> | undefined} */
		let built;
		let builds = false;
		return {
			name: NAME,
			config() {
				const proxy = {
					...Object.fromEntries(generated.paths.map((path) => [pattern(path), { target, ws: true, xfwd: true, bypass: pages }])),
					...Object.fromEntries(paths.map((path) => [pattern(path), { target, xfwd: true }])),
				};
				return { server: { proxy }, preview: { proxy } };
			},
			configResolved(config) {
				builds = config.command === 'build';
				if (codegen === false) return;
				const root = project === undefined ? home(config.root) : resolve(config.root, project);
				if (existsSync(join(root, generated.schemas))) runner = new Codegen(root, join(root, generated.schemas), codegen);
			},
			configureServer(server) {
				if (runner && !builds) watch(server, runner);
			},
			async buildStart() {
				if (!runner || !builds) return;
				const error = await (built ??= runner.run()); // once, however many environments are built
				if (error) this.error(error);
				for (const warning of runner.warnings.splice(0)) this.warn(warning);
			},
		};
	};

/** Runs codegen, and says what is wrong with the schemas. */
class Codegen {
	/** @type {string[]} */
	warnings = [];

	/**
	 * @param {string} root the project's folder
	 * @param {string} schemas
	 * @param {readonly [string, ...string[]] | undefined} command
	 */
	constructor(root, schemas, command) {
		this.root = root;
		this.schemas = schemas;
		this.given = command !== undefined;
		this.command = command ?? [python(root), '-m', 'codegen'];
	}

	/**
	 * Write what changed.
	 *
	 * @returns {Promise<ErrorPayload['err'] | undefined>} why nothing was written
	 */
	run() {
		const [file, ...args] = this.command;
		return new Promise((done) => {
			execFile(file, [...args, '--json'], { cwd: this.root, maxBuffer: 2 ** 26 }, (failure, stdout, stderr) => {
				if (!failure) return done(undefined);
				const problems = failure.code === 2 ? read(stdout) : [];
				if (problems.length) return done(describe(problems, this.root));
				const message = `${this.command.join(' ')}: ${stderr.trim().split('\n').at(-1) || failure.message}`;
				const absent = failure.code === 'ENOENT' || /No module named/.test(stderr);
				if (!absent || this.given) return done({ plugin: NAME, message, stack: stderr });
				// A page can be built where there is no Python, from the files that are there.
				this.warnings.push(`${message}; schemas were not checked`);
				done(undefined);
			});
		});
	}
}

/**
 * Run codegen now and whenever a schema changes; show what is wrong in the terminal and in the page.
 *
 * @param {ViteDevServer} server
 * @param {Codegen} runner
 */
function watch(server, runner) {
	/** @type {ErrorPayload['err'] | undefined} */
	let shown;
	let running = false;
	let again = false;
	const run = async () => {
		again = running;
		if (running) return;
		running = true;
		const error = await runner.run();
		running = false;
		if (again) return run();
		for (const warning of runner.warnings.splice(0)) server.config.logger.warn(`[${NAME}] ${warning}`, { timestamp: true });
		if (error) {
			server.config.logger.error(`[${NAME}] ${error.message}\n${error.frame ?? error.stack}`, { timestamp: true });
			server.ws.send({ type: 'error', err: error });
		} else if (shown) {
			server.config.logger.info(`[${NAME}] the schemas are fine again`, { timestamp: true });
			server.ws.send({ type: 'update', updates: [] }); // takes the overlay away
		}
		shown = error;
	};
	server.watcher.add(runner.schemas);
	server.watcher.on('all', (_, file) => {
		if (resolve(file).startsWith(runner.schemas + sep) && /\.(json|ya?ml)$/.test(file)) void run();
	});
	// Pages that are opened, or reloaded, while something is wrong see it too.
	server.ws.on('connection', () => {
		if (shown) server.ws.send({ type: 'error', err: shown });
	});
	void run();
}

/**
 * Requests that are no upgrade are the page's: `/chat/{room}` may be a page, too.
 *
 * @param {import('node:http').IncomingMessage} request
 */
const pages = (request) => (request.headers.upgrade ? undefined : request.url);

/**
 * @param {string} path a route such as `/chat/{room}`
 * @returns {string} a regular expression of exactly that route, with any query
 */
const pattern = (path) =>
	`^${path
		.split(/(\{\w+\})/)
		.map((part, index) => (index % 2 ? '[^/?]+' : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')))
		.join('')}(?:\\?.*)?$`;

/**
 * @param {string} folder
 * @returns {string} the nearest folder from there upwards that is a Python project, or the folder itself
 */
function home(folder) {
	for (let here = folder; ; here = dirname(here)) {
		if (existsSync(join(here, 'pyproject.toml'))) return here;
		if (dirname(here) === here) return folder;
	}
}

/** @param {string} root */
function python(root) {
	const environment = [process.env['VIRTUAL_ENV'], join(root, '.venv')].find((folder) => folder && existsSync(folder));
	if (environment) return join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
	return process.platform === 'win32' ? 'python' : 'python3';
}

/**
 * @param {string} stdout
 * @returns {readonly Problem[]}
 */
function read(stdout) {
	try {
		return JSON.parse(stdout).problems;
	} catch {
		return [];
	}
}

/**
 * What Vite shows: the first problem with the lines around it, and the others by name.
 *
 * @param {readonly Problem[]} problems
 * @param {string} root
 * @returns {ErrorPayload['err']}
 */
function describe(problems, root) {
	const first = /** @type {Problem} */ (problems[0]);
	const file = isAbsolute(first.file) ? first.file : join(root, first.file);
	return {
		plugin: NAME,
		message: problems.map((problem) => words(problem, root)).join('\n'),
		stack: '',
		id: file,
		loc: { file, line: first.line, column: first.column },
		frame: frame(file, first.line, first.column),
	};
}

/**
 * @param {Problem} problem
 * @param {string} root
 */
function words({ file, line, column, pointer, code, message, expected, got, hint }, root) {
	const place = `${isAbsolute(file) ? relative(root, file) : file}:${line}:${column}`;
	const details = [expected && `expected ${expected}`, got && `got ${got}`].filter(Boolean).join(', ');
	return `${place}: ${pointer}: ${message}${details && `: ${details}`} [${code}]${hint ? `\n  hint: ${hint}` : ''}`;
}

/**
 * @param {string} file
 * @param {number} line
 * @param {number} column
 * @returns {string} the lines around a place, with a mark below it
 */
function frame(file, line, column) {
	const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
	const first = Math.max(1, line - 2);
	return lines
		.slice(first - 1, line + 2)
		.flatMap((text, index) => {
			const number = String(first + index).padStart(String(line + 2).length);
			const mark = `${' '.repeat(number.length)} | ${(text.slice(0, column - 1)).replace(/[^\t]/g, ' ')}^`;
			return first + index === line ? [`${number} | ${text}`, mark] : [`${number} | ${text}`];
		})
		.join('\n');
}
