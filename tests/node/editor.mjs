// Language service of VS Code for a document with a meta-schema: completions at `|`, and problems of the text without it.
import { readFileSync } from 'node:fs';
import languageService from 'vscode-json-languageservice';

const { getLanguageService, TextDocument } = languageService;

const [schema] = process.argv.slice(2);
const text = readFileSync(0, 'utf8');
const offset = text.indexOf('|');
const uri = 'file:///schemas/document.json';
const service = getLanguageService({
	schemaRequestService: () => Promise.reject(new Error('no network')),
	workspaceContext: { resolveRelativePath: (path) => new URL(path, uri).href },
});
service.configure({
	validate: true,
	schemas: [{ uri: 'file:///schemas/endpoint.schema.json', fileMatch: ['*'], schema: JSON.parse(readFileSync(schema, 'utf8')) }],
});

const document = TextDocument.create(uri, 'json', 1, offset < 0 ? text : text.slice(0, offset) + text.slice(offset + 1));
const json = service.parseJSONDocument(document);
const completions = offset < 0 ? [] : (await service.doComplete(document, document.positionAt(offset), json)).items.map(({ label }) => label);
const problems = (await service.doValidation(document, json)).map(({ message }) => message);
console.log(JSON.stringify({ completions, problems }));
