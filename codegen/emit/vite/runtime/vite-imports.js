// Imports of generated files that do not exist.
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

/**
 * Return the path of an imported file.
 *
 * @param {string} id Resolved id, or the text of the import.
 * @param {string} importer File with the import.
 */
const fileOf = (id, importer) => resolve(dirname(importer), id.replace(/\?.*$/, ''));

/**
 * @param {string} file
 * @returns {boolean} True if the file exists, or the one that TypeScript and Vite use in its place.
 */
const exists = (file) => [file, file.replace(/\.js$/, '.ts'), `${file}.ts`, `${file}.js`].some((name) => existsSync(name));

/**
 * Explain the import of a generated file that does not exist.
 *
 * @param {string} id Resolved id, or the text of the import.
 * @param {string} importer File with the import.
 * @param {string} client Folder of the generated files.
 * @returns {string | undefined} Text for the developer; undefined if the file exists, or is not a generated one.
 */
export function explainMissing(id, importer, client) {
	const file = fileOf(id, importer);
	if (!file.startsWith(client + sep) || exists(file)) return undefined;
	const [name = ''] = relative(client, file).split(sep);
	const endpoints = readdirSync(client, { withFileTypes: true })
		.filter((entry) => entry.isDirectory() && entry.name !== 'runtime' && existsSync(join(client, entry.name, 'messages.ts')))
		.map((entry) => entry.name);
	const known = `generated endpoints are ${endpoints.join(', ') || 'none'}`;
	return `${basename(client)}/${relative(client, file).replaceAll(sep, '/')} does not exist${
		endpoints.includes(name) ? '' : `, since there is no endpoint ${name}: ${known}`
	}; run \`python -m codegen\``;
}
