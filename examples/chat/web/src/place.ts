/** Where a user is. The room stands in the URL, so that it can be shared; the name stays in the tab, so that it is not. */

import { chat } from '../../../../generated/client/chat/messages.js';

export interface Place {
	readonly room: string;
	readonly nick: string;
}

/** What is known of the user who opens the page; empty where nothing is. */
export const known = (): Place => ({
	room: new URLSearchParams(location.search).get('room') ?? '',
	nick: sessionStorage.getItem('nick') ?? '',
});

/** Let the page that is loaded again be where it was. */
export function stay({ room, nick }: Place): void {
	sessionStorage.setItem('nick', nick);
	history.replaceState(null, '', `?${new URLSearchParams({ room })}`);
}

/** Let the page that is loaded again ask for a room. */
export function leave(): void {
	history.replaceState(null, '', location.pathname);
}

const WORDS: Readonly<Record<string, string>> = {
	'/room': 'The name of a room is 1 to 40 lower-case letters, digits and hyphens.',
	'/nick': 'Your name is 1 to 24 characters.',
};

/** What is wrong with a place, in words for people, and with which field; undefined if the server would let the user in. */
export function complaint(place: Place): { readonly field: string; readonly words: string } | undefined {
	const issue = chat.params?.(place, '');
	return issue && { field: issue.pointer.slice(1), words: WORDS[issue.pointer] ?? issue.message };
}
