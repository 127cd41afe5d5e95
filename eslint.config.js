// Lint rules for everything that codegen copies or writes into the source trees of other projects.
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import { defineConfig } from 'eslint/config';
import ts from 'typescript-eslint';

export default defineConfig(
	js.configs.recommended,
	ts.configs.strictTypeChecked,
	ts.configs.stylisticTypeChecked,
	svelte.configs.recommended,
	{
		languageOptions: {
			parserOptions: { projectService: true, extraFileExtensions: ['.svelte'], parser: ts.parser },
		},
		rules: {
			'no-undef': 'off', // TypeScript reports it
			// Data has no type before it is validated.
			'@typescript-eslint/no-explicit-any': 'off',
			'@typescript-eslint/no-unsafe-argument': 'off',
			'@typescript-eslint/no-unsafe-assignment': 'off',
			'@typescript-eslint/no-unsafe-call': 'off',
			'@typescript-eslint/no-unsafe-member-access': 'off',
			'@typescript-eslint/no-unsafe-return': 'off',
			// The alternative is a check that never fails, in every page that is downloaded.
			'@typescript-eslint/no-non-null-assertion': 'off',
			'@typescript-eslint/no-confusing-void-expression': 'off',
			'@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
			'@typescript-eslint/restrict-plus-operands': ['error', { allowNumberAndString: true }],
			// An index signature has a name for its keys.
			'@typescript-eslint/consistent-indexed-object-style': 'off',
			'@typescript-eslint/no-inferrable-types': ['error', { ignoreParameters: true }], // for `isolatedDeclarations`
			'@typescript-eslint/no-empty-function': ['error', { allow: ['arrowFunctions'] }],
			'@typescript-eslint/no-misused-spread': 'off', // of strings: by code points, as JSON Schema counts
			'@typescript-eslint/prefer-string-starts-ends-with': ['error', { allowSingleElementEquality: 'always' }],
			'@typescript-eslint/only-throw-error': 'off',
			'@typescript-eslint/prefer-promise-reject-errors': 'off',
			'svelte/prefer-svelte-reactivity': 'off', // private collections that no page reads
		},
	},
	{ files: ['**/*.js', '**/*.mjs'], extends: [ts.configs.disableTypeChecked] },
	{ ignores: ['examples/chat/web/dist/', 'codegen/emit/typescript/tools/', '**/*.d.ts', '**/*.jinja'] },
);
