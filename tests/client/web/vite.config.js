import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { websockets } from './src/ws/vite.js';

export default defineConfig({
	plugins: [svelte(), websockets({ target: process.env.TARGET ?? 'http://127.0.0.1:8888', paths: ['/action', '/_control'] })],
});
