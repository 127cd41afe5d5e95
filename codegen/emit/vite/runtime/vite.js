// Implementation of the Vite plugin. The generated module vite.js provides the paths of the endpoints.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { explainMissing } from './vite-imports.js';
import { proxyRoutes } from './vite-proxy.js';
import { findProject, findPython } from './vite-python.js';

/**
 * @typedef {import('vite').Plugin} Plugin
 * @typedef {import('vite').ViteDevServer} ViteDevServer
 * @typedef {import('vite').ErrorPayload} ErrorPayload
 * @typedef {import('vite').Logger} Logger
 * @typedef {import('../vite.js').WebSocketsOptions} WebSocketsOptions
 * @typedef {{ readonly paths: readonly string[], readonly schemas: string }} Generated
 * @typedef {{ file: string, line: number, column: number, pointer: string, code: string, message: string, expected?: string, got?: string, hint?: string }} Problem
 */

const NAME = 'tornado-ws';
const MODULE = ['-m', 'codegen'];
/** Folder of the generated files. */
const CLIENT = realpathSync(fileURLToPath(new URL('..', import.meta.url)));

/**
 * Return the factory of the plugin.
 *
 * @param {Generated} generated Paths of the endpoints, and folder of the schemas.
 * @returns {(options?: WebSocketsOptions) => Plugin}
 */
export const plugin =
	(generated) =>
	({ target = 'http://127.0.0.1:8888', project, python, codegen, paths = [], base } = {}) => {
		/** @type {Codegen | undefined} */
		let runner;
		/** @type {Logger | undefined} */
		let logger;
		/** @type {Promise<ErrorPayload['err'] | undefined> | undefined} */
		let result;
		let isBuild = false;
		let isMissing = false;
		return {
			name: NAME,
			enforce: 'pre', // before Vite reports the import
			config(user) {
				const proxy = proxyRoutes(target, generated.paths, paths, base ?? user.base ?? '/', (line) => logger?.warn(`[${NAME}] ${line}`, { timestamp: true }));
				return { server: { proxy }, preview: { proxy } };
			},
			configResolved(config) {
				logger = config.logger;
				isBuild = config.command === 'build';
				if (codegen === false) return;
				const root = project === undefined ? findProject(config.root) : resolve(config.root, project);
				const schemas = join(root, generated.schemas);
				if (!existsSync(schemas)) {
					const hint = "set websockets({ project: 'path/to/python/project' }), or { codegen: false }";
					if (!isBuild || project !== undefined) logger.warn(`[${NAME}] no folder ${schemas}; codegen does not run: ${hint}`);
					return;
				}
				const chosen = codegen ?? (python === undefined ? undefined : [resolve(root, python), ...MODULE]);
				runner = new Codegen(root, schemas, chosen);
			},
			configureServer(server) {
				if (runner && !isBuild) watchSchemas(server, runner);
				server.watcher.on('add', (file) => {
					if (!isMissing || !resolve(file).startsWith(CLIENT + sep)) return;
					isMissing = false;
					server.ws.send({ type: 'full-reload' });
				});
			},
			async resolveId(source, importer, options) {
				if (!importer || /^@?[a-z]|\0/i.test(source)) return null; // a package or a virtual module
				await runner?.current; // it may write the file
				const found = await this.resolve(source, importer, { ...options, skipSelf: true });
				const problem = found && !isAbsolute(found.id) ? undefined : explainMissing(found?.id ?? source, importer, CLIENT);
				if (problem === undefined) return found;
				isMissing = true;
				return this.error(problem);
			},
			async buildStart() {
				if (!runner || !isBuild) return;
				const error = await (result ??= runner.run()); // once for all environments of the build
				if (error) this.error(error);
				for (const warning of runner.warnings.splice(0)) this.warn(warning);
				for (const change of runner.changes.splice(0)) logger?.info(`[${NAME}] ${change}`);
			},
		};
	};

const HINT =
	"Create a .venv with tornado-ws[codegen] in the folder of pyproject.toml or above, activate another environment, or set websockets({ python: 'path/to/python' })";

const RESTART = 'restart Tornado, unless it runs with --reload or debug=True';

/** Runner of codegen in the Python project. */
class Codegen {
	/** @type {string[]} */
	warnings = [];
	/** Current or last run. @type {Promise<ErrorPayload['err'] | undefined> | undefined} */
	current;
	/** Python modules that were written or removed, such as `wrote generated/chat.py`: a running server has the old ones. @type {string[]} */
	changes = [];

	/**
	 * @param {string} root Folder of the Python project.
	 * @param {string} schemas Folder of the schemas.
	 * @param {readonly string[] | undefined} command Command that runs codegen; default: codegen with the Python of the project.
	 */
	constructor(root, schemas, command) {
		this.root = root;
		this.schemas = schemas;
		this.hasCustomCommand = command !== undefined;
		this.command = command ?? [...findPython(root), ...MODULE];
	}

	/**
	 * Write the generated files.
	 *
	 * @returns {Promise<ErrorPayload['err'] | undefined>} Problems of the schemas; undefined if there are none.
	 */
	run() {
		const [file = '', ...args] = this.command;
		return (this.current = new Promise((done) => {
			execFile(file, [...args, '--json'], { cwd: this.root, maxBuffer: 2 ** 26 }, (failure, stdout, stderr) => {
				if (!failure) {
					this.changes.push(...parseChanges(stdout).filter((line) => line.endsWith('.py')));
					return done(undefined);
				}
				const problems = failure.code === 2 ? parseProblems(stdout) : [];
				if (problems.length) return done(toViteError(problems, this.root));
				const reason = failure.code === 'ENOENT' ? 'not found' : stderr.trim().split('\n').at(-1) || failure.message;
				const message = `${this.command.join(' ')}: ${reason}`;
				const isMissing = failure.code === 'ENOENT' || /No module named|codegen requires/.test(stderr);
				if (!isMissing || this.hasCustomCommand) return done({ plugin: NAME, message, stack: stderr });
				// Without Python, the page is built from the existing files.
				this.warnings.push(`${message}; schemas were not checked. ${HINT}`);
				done(undefined);
			});
		}));
	}
}

/**
 * Run codegen now and after each change of a schema or of pyproject.toml; show problems in the terminal and in the page.
 *
 * @param {ViteDevServer} server
 * @param {Codegen} runner
 */
function watchSchemas(server, runner) {
	/** @type {ErrorPayload['err'] | undefined} */
	let currentError;
	let running = false;
	let rerun = false;
	const run = async () => {
		rerun = running;
		if (running) return;
		running = true;
		const error = await runner.run();
		running = false;
		if (rerun) return run();
		for (const warning of runner.warnings.splice(0)) server.config.logger.warn(`[${NAME}] ${warning}`, { timestamp: true });
		if (error) {
			server.config.logger.error(`[${NAME}] ${error.message}\n${error.frame ?? error.stack}`, { timestamp: true });
			server.ws.send({ type: 'error', err: error });
		} else if (currentError) {
			server.config.logger.info(`[${NAME}] the schemas are valid again`, { timestamp: true });
			server.ws.send({ type: 'update', updates: [] }); // removes the error overlay
		}
		const changes = runner.changes.splice(0);
		for (const line of changes.length ? [...changes, RESTART] : []) server.config.logger.info(`[${NAME}] ${line}`, { timestamp: true });
		currentError = error;
	};
	const settings = join(runner.root, 'pyproject.toml');
	server.watcher.add([runner.schemas, settings]);
	server.watcher.on('all', (_, file) => {
		const path = resolve(file);
		if (path === settings || (path.startsWith(runner.schemas + sep) && /\.(json|ya?ml)$/.test(path))) void run();
	});
	// Pages opened or reloaded later show the current error too.
	server.ws.on('connection', () => {
		if (currentError) server.ws.send({ type: 'error', err: currentError });
	});
	void run();
}

/**
 * @param {string} stdout
 * @returns {readonly string[]} Files that codegen has written or removed, as it prints them.
 */
function parseChanges(stdout) {
	try {
		const { stale, missing, leftOver } = JSON.parse(stdout);
		return [...[...stale, ...missing].map((path) => `wrote ${path}`), ...leftOver.map((/** @type {string} */ path) => `removed ${path}`)];
	} catch {
		return []; // a command of the project may print other text
	}
}

/**
 * @param {string} stdout
 * @returns {readonly Problem[]}
 */
function parseProblems(stdout) {
	try {
		return JSON.parse(stdout).problems;
	} catch {
		return [];
	}
}

/**
 * Return an error for Vite: the text of all problems, with an excerpt of the file for the first one.
 *
 * @param {readonly Problem[]} problems
 * @param {string} root
 * @returns {ErrorPayload['err']}
 */
function toViteError(problems, root) {
	const first = /** @type {Problem} */ (problems[0]);
	const file = isAbsolute(first.file) ? first.file : join(root, first.file);
	return {
		plugin: NAME,
		message: problems.map((problem) => formatProblem(problem, root)).join('\n'),
		stack: '',
		id: file,
		loc: { file, line: first.line, column: first.column },
		frame: codeFrame(file, first.line, first.column),
	};
}

/**
 * @param {Problem} problem
 * @param {string} root
 */
function formatProblem({ file, line, column, pointer, code, message, expected, got, hint }, root) {
	const location = `${isAbsolute(file) ? relative(root, file) : file}:${line}:${column}`;
	const details = [expected && `expected ${expected}`, got && `got ${got}`].filter(Boolean).join(', ');
	return `${location}: ${pointer}: ${message}${details && `: ${details}`} [${code}]${hint ? `\n  hint: ${hint}` : ''}`;
}

/**
 * @param {string} file
 * @param {number} line
 * @param {number} column
 * @returns {string} Lines around a location, with a mark below it.
 */
function codeFrame(file, line, column) {
	const lines = statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8').split('\n') : [];
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
