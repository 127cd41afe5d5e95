/** Entry point: exposes the client to the tests, and mounts the page named in the query. */
import { mount, unmount } from 'svelte';
import Component from './Component.svelte';
import Present from './Present.svelte';
import Reader from './Reader.svelte';
import Uses from './Uses.svelte';
import * as board from './ws/board/index.js';
import * as job from './ws/job/index.js';
import * as lab from './ws/lab/index.js';
import { fromAction } from './ws/runtime/ticket.js';
import { bearer } from './ws/runtime/bearer.js';
import * as errors from './ws/runtime/errors.js';
import type { Protocol } from './ws/runtime/protocol.js';
import { backoffDelay } from './ws/runtime/reconnect.js';
import { Socket } from './ws/runtime/socket.js';

/** Log each status, error and message of a client as text. */
function record<P extends Protocol>(client: Socket<P>): string[] {
	const log: string[] = [];
	let previous = '';
	client.listen<'$state'>('$state', ({ status, error }) => {
		const entry = /waiting|closed/.test(status) ? `${status}:${error?.code}` : status;
		if (entry !== previous) log.push((previous = entry));
	});
	client.listen<'$message'>('$message', ({ type }) => log.push(`<${type}`));
	return log;
}

Object.assign(window, { ...board, ...lab, ...job, ...errors, bearer, fromAction, Socket, backoffDelay, record });

const target = document.querySelector('main')!;
const pages = { component: Component, present: Present, reader: Reader, uses: Uses };
const name = new URLSearchParams(location.search).get('page') as keyof typeof pages | null;
if (name) {
	const page = mount(pages[name], { target });
	Object.assign(window, { leave: () => unmount(page) });
}
