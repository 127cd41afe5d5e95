/** Where a user is. The room stands in the URL, so that it can be shared; the name stays in the tab, so that it is not. */

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
