// Prints the structure of generated files without their texts, as JSON by file: `node structure.mjs FILE…`.
//
// The structure is the tokens of TypeScript, or the syntax tree of Svelte. Comments are omitted, and commas, since the formatter
// adds them at line breaks. Strings, templates and regular expressions are replaced by their kind.
import { readFileSync } from 'node:fs';
import { parse } from 'svelte/compiler';
import ts from 'typescript';

const STRINGS = new Set([ts.SyntaxKind.StringLiteral, ts.SyntaxKind.NoSubstitutionTemplateLiteral]);

function tokens(text) {
	const found = [];
	const visit = (node) => {
		if (node.getChildCount(file)) node.getChildren(file).forEach(visit);
		else if (node.kind === ts.SyntaxKind.RegularExpressionLiteral) found.push('regular expression');
		else if (STRINGS.has(node.kind)) found.push('string');
		else if (!ts.isJSDoc(node) && node.kind !== ts.SyntaxKind.CommaToken) found.push(node.getText(file));
	};
	const file = ts.createSourceFile('file.ts', text, ts.ScriptTarget.ES2022, true);
	if (file.parseDiagnostics.length) throw new Error(file.parseDiagnostics.map(({ messageText }) => messageText).join('; '));
	file.statements.forEach(visit);
	return found;
}

function tree(text) {
	const { fragment, instance, module } = parse(text, { modern: true });
	const outline = (node) =>
		node && typeof node === 'object' && [node.type, node.name, ...Object.values(node).flat().map(outline).filter(Boolean)];
	const scripts = [instance, module].map((script) => script && tokens(text.slice(script.content.start, script.content.end)));
	return [outline(fragment), scripts];
}

const structures = process.argv.slice(2).map((path) => {
	const text = readFileSync(path, 'utf8');
	return [path, path.endsWith('.svelte') ? tree(text) : tokens(text)];
});
process.stdout.write(JSON.stringify(Object.fromEntries(structures)));
