/** Puts the client where tests can reach it, and shows the page that the query asks for. */
import { mount, unmount } from 'svelte';
import Component from './Component.svelte';
import Reader from './Reader.svelte';
import * as job from './ws/job/index.js';
import * as lab from './ws/lab/index.js';
import * as errors from './ws/runtime/errors.js';
import type { Protocol } from './ws/runtime/protocol.js';
import { backoffDelay } from './ws/runtime/reconnect.js';
import { Socket } from './ws/runtime/socket.js';

/** Every status, error and message of a client, as text. */
function record<P extends Protocol>(client: Socket<P>): string[] {
	const log: string[] = [];
	let before = '';
	client.on<'$state'>('$state', ({ status, error }) => {
		const entry = /waiting|closed/.test(status) ? `${status}:${error?.code}` : status;
		if (entry !== before) log.push((before = entry));
	});
	client.on<'$message'>('$message', ({ type }) => log.push(`<${type}`));
	return log;
}

Object.assign(window, { ...lab, ...job, ...errors, Socket, backoffDelay, record });

const target = document.querySelector('main')!;
const pages = { component: Component, reader: Reader };
const asked = new URLSearchParams(location.search).get('page') as keyof typeof pages | null;
if (asked) {
	const page = mount(pages[asked], { target });
	Object.assign(window, { leave: () => unmount(page) });
}
