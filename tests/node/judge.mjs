// Runs the checks of a generated client: `node judge.mjs FOLDER`, where each folder in FOLDER but `runtime` has a `messages.ts`.
// Each line of the input is a JSON array [endpoint, side, message, slot, text]; each line of the output is what the check of
// that slot answers to the JSON `text`: null, or the issue.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const folder = process.argv[2];
const compiled = realpathSync(mkdtempSync(join(tmpdir(), 'judge-')));
const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true };
const endpoints = new Map();

function compile(path) {
	const target = join(compiled, path.replace(/\.ts$/, '.js'));
	mkdirSync(dirname(target), { recursive: true });
	const { outputText } = ts.transpileModule(readFileSync(join(folder, path), 'utf8'), { compilerOptions: options });
	writeFileSync(target, outputText);
	return pathToFileURL(target).href;
}

async function endpoint(name) {
	if (!endpoints.has(name)) {
		const exported = Object.values(await import(compile(`${name}/messages.ts`)));
		endpoints.set(name, exported.find((value) => typeof value === 'object'));
	}
	return endpoints.get(name);
}

writeFileSync(join(compiled, 'package.json'), '{"type": "module"}');
for (const file of readdirSync(join(folder, 'runtime'))) if (/^(checks|formats|protocol)\.ts$/.test(file)) compile(`runtime/${file}`);
for await (const line of createInterface({ input: process.stdin })) {
	const [name, side, message, slot, text] = JSON.parse(line);
	const found = await endpoint(name);
	const check = side === 'params' ? found.params : found[side][message][slot];
	process.stdout.write(`${JSON.stringify(check(JSON.parse(text), '') ?? null)}\n`);
}
rmSync(compiled, { recursive: true });
