// Runs the validators of generated clients.
//
// Input: one JSON array per line, [folder, endpoint, side, message, payload, text, decode]. The folder of a client contains `runtime`
// and a folder with `messages.ts` for each endpoint.
// Output: one line for each input line with the result of the validator for the JSON `text`: null or the issue. Text that is
// not JSON has an issue with the keyword `JSON`. With `decode`, the result for a valid value is its decoded form, with `1n` for a
// `bigint`, and the text that the page would send.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true };
const output = realpathSync(mkdtempSync(join(tmpdir(), 'validate-')));
writeFileSync(join(output, 'package.json'), '{"type": "module"}');
const clients = new Map();

function compile(folder, target, path) {
	const file = join(target, path.replace(/\.ts$/, '.js'));
	mkdirSync(dirname(file), { recursive: true });
	const { outputText } = ts.transpileModule(readFileSync(join(folder, path), 'utf8'), { compilerOptions });
	writeFileSync(file, outputText);
	return pathToFileURL(file).href;
}

function loadClient(folder) {
	if (!clients.has(folder)) {
		const target = join(output, String(clients.size));
		for (const name of ['development', 'near-names', 'validators', 'formats', 'linear-regexp', 'exact-values', 'exact-validators']) compile(folder, target, `runtime/${name}.ts`);
		clients.set(folder, { target, endpoints: new Map() });
	}
	return clients.get(folder);
}

async function loadEndpoint(folder, name) {
	const { target, endpoints } = loadClient(folder);
	if (!endpoints.has(name)) {
		const exported = Object.values(await import(compile(folder, target, `${name}/messages.ts`)));
		endpoints.set(name, exported.find((value) => typeof value === 'object'));
	}
	return endpoints.get(name);
}

for await (const line of createInterface({ input: process.stdin })) {
	const [folder, name, side, message, payload, text, decode] = JSON.parse(line);
	const endpoint = await loadEndpoint(folder, name);
	const validate = side === 'params' ? endpoint.params : endpoint[side][message][payload];
	let result;
	try {
		const json = validate.decode ? (await import(`file://${loadClient(folder).target}/runtime/exact-values.js`)).exactJson : JSON;
		const value = json.parse(text);
		result = validate(value, '') ?? null;
		if (decode && !result) {
			const decoded = (validate.decode ?? ((same) => same))(value);
			const shown = JSON.stringify(decoded, (_, part) => (typeof part === 'bigint' ? `${part}n` : part));
			result = { decoded: JSON.parse(shown), sent: json.stringify(decoded) };
		}
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		result = { keyword: 'JSON', message: '' };
	}
	process.stdout.write(`${JSON.stringify(result)}\n`);
}
rmSync(output, { recursive: true });
