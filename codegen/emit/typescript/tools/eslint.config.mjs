/* eslint-disable */
// ESLint from version 10 uses this file for the folder that contains it, so that no rule of the project applies to generated code.
export default [
	{
		files: ['**/*.{js,mjs,ts,svelte}'],
		processor: { meta: { name: 'generated' }, preprocess: () => [], postprocess: () => [] },
	},
];
