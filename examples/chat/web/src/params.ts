/** Room and name of the user. The room is part of the URL, so that links can be shared; the name is kept per tab. */

import { chat, type ChatProtocol } from '../../../../generated/client/chat/messages.js';

export type Params = ChatProtocol['params'];

export interface InvalidField {
	readonly field: string;
	readonly message: string;
}

/** Key of the name. Other projects on the same port have the same storage. */
const NICK = 'tornado-ws-chat:nick';

/** Return the params of this tab; fields without a value are empty strings. */
export const loadParams = (): Params => ({
	room: new URLSearchParams(location.search).get('room') ?? '',
	nick: sessionStorage.getItem(NICK) ?? '',
});

/** Save the params, so that a reload enters the same room. */
export function saveParams({ room, nick }: Params): void {
	sessionStorage.setItem(NICK, nick);
	history.replaceState(null, '', `?${new URLSearchParams({ room })}`);
}

/** Remove the room, so that a reload shows the form. */
export function clearRoom(): void {
	history.replaceState(null, '', location.pathname);
}

const MESSAGES: Readonly<Record<string, string>> = {
	'/room': 'A room name has 1 to 40 lower-case letters, digits or hyphens.',
	'/nick': 'A name has 1 to 24 characters.',
};

/** Validate params with the schema. Return the first invalid field, or undefined if the server would accept them. */
export function findInvalidField(params: Params): InvalidField | undefined {
	const issue = chat.params?.(params, '');
	return issue && { field: issue.pointer.slice(1), message: MESSAGES[issue.pointer] ?? issue.message };
}
