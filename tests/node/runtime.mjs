// Compiles the modules of the client runtime for Node.
import { mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const RUNTIME = new URL('../../codegen/emit/svelte/runtime/', import.meta.url).pathname;
const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true };

/**
 * Compile the runtime into a temporary folder.
 *
 * @param changes Replacements in the sources, `[module, old, new]`; the old text must exist once.
 * @returns A function that imports a module by name.
 */
export function compileRuntime(changes = []) {
	const output = realpathSync(mkdtempSync(join(tmpdir(), 'runtime-')));
	process.on('exit', () => rmSync(output, { recursive: true }));
	writeFileSync(join(output, 'package.json'), '{"type": "module"}');
	for (const file of readdirSync(RUNTIME).filter((name) => /^[a-z-]+\.ts$/.test(name))) {
		const name = file.replace(/\.ts$/, '');
		let text = readFileSync(join(RUNTIME, file), 'utf8');
		for (const [, before, after] of changes.filter(([module]) => module === name)) {
			if (text.split(before).length !== 2) throw new Error(`expected once in ${file}: ${before}`);
			text = text.replace(before, () => after);
		}
		text = text.replace("'svelte/reactivity'", () => `'${import.meta.resolve('svelte/reactivity')}'`);
		writeFileSync(join(output, `${name}.js`), ts.transpileModule(text, { compilerOptions }).outputText);
	}
	return (name) => import(pathToFileURL(join(output, `${name}.js`)).href);
}
