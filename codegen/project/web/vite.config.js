import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { websockets } from './src/ws/vite.js'; // generated: run `python -m codegen` first

export default defineConfig({ plugins: [svelte(), websockets()] });
