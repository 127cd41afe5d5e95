// Search for the Python project and its Python.
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/**
 * @param {string} folder
 * @returns {string} Nearest parent folder with a pyproject.toml, or the folder itself.
 */
export const findProject = (folder) => parents(folder).find((parent) => existsSync(join(parent, 'pyproject.toml'))) ?? folder;

/**
 * @param {string} root Folder of the Python project.
 * @returns {readonly string[]} Command of Python: that of the active environment, of the nearest one in a parent folder, of uv, or on
 * the PATH.
 */
export function findPython(root) {
	const isWindows = process.platform === 'win32';
	const folders = parents(root);
	const environments = [process.env['VIRTUAL_ENV'], ...folders.flatMap((folder) => [join(folder, '.venv'), join(folder, 'venv')])];
	for (const environment of environments) {
		const python = environment && join(environment, isWindows ? 'Scripts/python.exe' : 'bin/python');
		if (python && existsSync(python)) return [python];
	}
	const isUv = folders.some((folder) => existsSync(join(folder, 'uv.lock')));
	if (isUv && onPath(isWindows ? 'uv.exe' : 'uv')) return ['uv', 'run', 'python'];
	return [isWindows || !onPath('python3') ? 'python' : 'python3'];
}

/**
 * @param {string} program
 * @returns {boolean} True if a folder of the PATH contains the program.
 */
const onPath = (program) => (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

/**
 * @param {string} folder
 * @returns {string[]} The folder and its parents.
 */
function parents(folder) {
	const parent = dirname(folder);
	return parent === folder ? [folder] : [folder, ...parents(parent)];
}
