import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// The pages run in Node, with the parts of the runtime for browsers.
export default defineConfig({
	plugins: [svelte()],
	resolve: { conditions: ['browser'] },
	build: { lib: { entry: 'src/pages.ts', formats: ['es'], fileName: 'pages' }, target: 'es2022', minify: false, rollupOptions: { external: /^node:/ } },
});
