/** The verdict of a schema on what stands in one place of the protocol. */
import { InvalidMessage } from './errors.js';
import type { Check, Issue } from './protocol.js';

/** Why `data` is not what `check` wants; where there is no check, no data is wanted. */
export function verdict(name: string, check: Check | undefined, data: unknown): InvalidMessage | undefined {
	const issue =
		(data === undefined) === !check ? check?.(data, '') : { pointer: '', keyword: check ? 'required' : 'false schema' };
	const message = issue && `${name}${issue.pointer}: expected ${words(issue)}`;
	return issue && new InvalidMessage({ code: 'invalid_message', message: message!, ...issue });
}

/** What a keyword wants, for people: `at most 500 characters`. */
function words({ keyword, expected = '' }: Issue): string {
	const [, bound, unit = ''] = /^(min|max)(?:imum|Length)?(.*)/.exec(keyword) ?? [];
	if (!bound) return `${keyword} ${expected}`;
	const what = /Length/.test(keyword) ? 'characters' : unit.toLowerCase();
	return `at ${bound === 'min' ? 'least' : 'most'} ${expected} ${what}`.trim();
}
