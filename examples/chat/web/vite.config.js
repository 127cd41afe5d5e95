import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { websockets } from '../../../generated/client/vite.js';

export default defineConfig({
	plugins: [svelte(), websockets({ project: '../../..' })],
	server: { proxy: { '/rooms': 'http://127.0.0.1:8888', '/downloads': 'http://127.0.0.1:8888' } },
});
