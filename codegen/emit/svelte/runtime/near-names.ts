/** Suggestions for misspelled names, in development. */

/** Maximum number of names in a text. */
const MAX_NAMES = 10;

/** Return the name that is most similar to `name`; undefined if none is. */
export function nearName(name: string, known: readonly string[]): string | undefined {
	const limit = Math.max(1, Math.floor(name.length / 3));
	const [nearest] = known
		.map((other) => [distance(name.toLowerCase(), other.toLowerCase()), other] as const)
		.filter(([steps]) => steps <= limit)
		.sort(([one], [other]) => one - other);
	return nearest?.[1];
}

/** Return the text for an unknown name: `expected add or reset, got "ad"; did you mean "add"?`. */
export function unknownName(name: unknown, known: readonly string[]): string {
	const names = known.slice(0, MAX_NAMES).join(', ') + (known.length > MAX_NAMES ? ', …' : '');
	const near = typeof name === 'string' ? nearName(name, known) : undefined;
	const got = typeof name === 'string' ? JSON.stringify(name) : typeof name;
	return `expected ${known.length > 1 ? 'one of ' : ''}${names || 'no name'}, got ${got}${near === undefined ? '' : `; did you mean "${near}"?`}`;
}

/** Return the number of inserted, removed, replaced and swapped characters between two texts. */
function distance(one: string, other: string): number {
	let before: number[] = [];
	let row = Array.from({ length: other.length + 1 }, (_, index) => index);
	for (let i = 1; i <= one.length; i++) {
		const next = [i];
		for (let j = 1; j <= other.length; j++) {
			const isEqual = one[i - 1] === other[j - 1];
			const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
			const steps = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (isEqual ? 0 : 1));
			next.push(isSwapped ? Math.min(steps, before[j - 2]! + 1) : steps);
		}
		[before, row] = [row, next];
	}
	return row[other.length]!;
}
