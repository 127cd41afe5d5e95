// What generated files are made of, without their texts: `node shape.mjs FILE…` prints, as JSON by file, the tokens of TypeScript
// and the tree of Svelte. Comments are left out, and commas, which come and go with line breaks; of strings, templates and regular
// expressions only the kind counts.
import { readFileSync } from 'node:fs';
import { parse } from 'svelte/compiler';
import ts from 'typescript';

const TEXTS = new Set([ts.SyntaxKind.StringLiteral, ts.SyntaxKind.NoSubstitutionTemplateLiteral]);

function tokens(text) {
	const found = [];
	const visit = (node) => {
		if (node.getChildCount(file)) node.getChildren(file).forEach(visit);
		else if (node.kind === ts.SyntaxKind.RegularExpressionLiteral) found.push('regular expression');
		else if (TEXTS.has(node.kind)) found.push('text');
		else if (!ts.isJSDoc(node) && node.kind !== ts.SyntaxKind.CommaToken) found.push(node.getText(file));
	};
	const file = ts.createSourceFile('file.ts', text, ts.ScriptTarget.ES2022, true);
	if (file.parseDiagnostics.length) throw new Error(file.parseDiagnostics.map((one) => one.messageText).join('; '));
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

const shapes = process.argv.slice(2).map((path) => {
	const text = readFileSync(path, 'utf8');
	return [path, path.endsWith('.svelte') ? tree(text) : tokens(text)];
});
process.stdout.write(JSON.stringify(Object.fromEntries(shapes)));
