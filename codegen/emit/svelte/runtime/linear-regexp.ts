/** Patterns that a browser's own engine would need exponential time for. */

/**
 * An automaton that reads a text once, whatever the text. It is in any number of places at once.
 *
 * @param places - Each reads one character; `follow` lists the places after it.
 * @param first - The places that a match can begin with.
 * @param last - The places that a match can end with.
 * @param empty - Whether a match can be empty.
 * @param start - Whether a match must begin where the text does.
 * @param end - Whether a match must end where the text does.
 */
export const linear = (
	places: readonly (readonly [reads: RegExp, follow: readonly number[]])[],
	first: readonly number[],
	last: readonly number[],
	empty: boolean,
	start: boolean,
	end: boolean,
): { test(text: string): boolean } => ({
	test: (text) => {
		if (empty && !(start && end && text)) return true;
		let now = new Set<number>();
		let next: readonly number[] = first;
		for (const character of text) {
			const candidates = new Set(next);
			now = new Set([...candidates].filter((place) => places[place]![0].test(character)));
			if (!end && last.some((place) => now.has(place))) return true;
			next = [...(start ? [] : first), ...[...now].flatMap((place) => places[place]![1])];
			if (start && !now.size) return false;
		}
		return last.some((place) => now.has(place));
	},
});
