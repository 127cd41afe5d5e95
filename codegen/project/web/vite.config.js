import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { websockets } from './src/ws/vite.js';

export default defineConfig({ plugins: [svelte(), websockets()] });
