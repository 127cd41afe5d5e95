/** Lines of a room: merged by time, and grouped by author. */

import type { Said } from '../../../../generated/client/chat/index.js';

/** Consecutive lines of one author. */
export type Group = readonly [Said, ...Said[]];

/** Milliseconds after which a line of the same author begins a new group. */
const NEW_GROUP_AFTER = 300_000;

/** Add lines to others, each once, in order. No two lines of a room have the same time. */
export function merge(lines: readonly Said[], more: readonly Said[]): readonly Said[] {
	const all = new Map([...lines, ...more].map((line) => [line.at, line]));
	return [...all.values()].sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** Add the latest lines to others. Drop the others if lines between them may be missing. */
export function mergeLatest(lines: readonly Said[], latest: readonly Said[]): readonly Said[] {
	return merge(lines.some(({ at }) => at === latest[0]?.at) ? lines : [], latest);
}

export function groupByAuthor(lines: readonly Said[]): Group[] {
	const groups: [Said, ...Said[]][] = [];
	for (const line of lines) {
		const [first] = groups.at(-1) ?? [];
		if (first?.nick === line.nick && Date.parse(line.at) - Date.parse(first.at) < NEW_GROUP_AFTER) groups.at(-1)?.push(line);
		else groups.push([line]);
	}
	return groups;
}

/** Return the hue of an author, in degrees. */
export const hueOf = (nick: string): number => [...nick].reduce((sum, c) => (sum * 31 + (c.codePointAt(0) ?? 0)) % 360, 7);
