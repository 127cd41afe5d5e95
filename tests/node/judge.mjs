// Runs the checks of generated clients. Each line of the input is a JSON array [folder, endpoint, side, message, slot, text],
// where the folder of a client holds `runtime` and a folder with `messages.ts` for each endpoint. Each line of the output is
// what the check of that slot answers to the JSON `text`: null, or the issue; keyword `JSON` where it is none.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true };
const compiled = realpathSync(mkdtempSync(join(tmpdir(), 'judge-')));
writeFileSync(join(compiled, 'package.json'), '{"type": "module"}');
const clients = new Map();

function compile(folder, to, path) {
	const target = join(to, path.replace(/\.ts$/, '.js'));
	mkdirSync(dirname(target), { recursive: true });
	const { outputText } = ts.transpileModule(readFileSync(join(folder, path), 'utf8'), { compilerOptions: options });
	writeFileSync(target, outputText);
	return pathToFileURL(target).href;
}

function client(folder) {
	if (!clients.has(folder)) {
		const to = join(compiled, String(clients.size));
		for (const name of ['validators', 'formats', 'linear-regexp']) compile(folder, to, `runtime/${name}.ts`);
		clients.set(folder, { to, endpoints: new Map() });
	}
	return clients.get(folder);
}

async function endpoint(folder, name) {
	const { to, endpoints } = client(folder);
	if (!endpoints.has(name)) {
		const exported = Object.values(await import(compile(folder, to, `${name}/messages.ts`)));
		endpoints.set(name, exported.find((value) => typeof value === 'object'));
	}
	return endpoints.get(name);
}

for await (const line of createInterface({ input: process.stdin })) {
	const [folder, name, side, message, slot, text] = JSON.parse(line);
	const found = await endpoint(folder, name);
	const check = side === 'params' ? found.params : found[side][message][slot];
	let answer;
	try {
		answer = check(JSON.parse(text), '') ?? null;
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		answer = { keyword: 'JSON', message: '' };
	}
	process.stdout.write(`${JSON.stringify(answer)}\n`);
}
rmSync(compiled, { recursive: true });
