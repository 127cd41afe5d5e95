/** Regular expressions that match in linear time, for patterns on which a backtracking engine may take exponential time. */

/**
 * Create a nondeterministic finite automaton without empty transitions. It reads each character of a text once.
 *
 * @param states States; each consumes one character, and `next` lists the following states.
 * @param first States that a match can start with.
 * @param last States that a match can end with.
 * @param empty True if a match can be empty.
 * @param start True if a match must start at the start of the text.
 * @param end True if a match must end at the end of the text.
 */
export const linear = (
	states: readonly (readonly [character: RegExp, next: readonly number[]])[],
	first: readonly number[],
	last: readonly number[],
	empty: boolean,
	start: boolean,
	end: boolean,
): { test(text: string): boolean } => ({
	test: (text) => {
		if (empty && !(start && end && text)) return true;
		let active = new Set<number>();
		let candidates: readonly number[] = first;
		for (const character of text) {
			active = new Set([...new Set(candidates)].filter((state) => states[state]![0].test(character)));
			if (!end && last.some((state) => active.has(state))) return true;
			candidates = [...(start ? [] : first), ...[...active].flatMap((state) => states[state]![1])];
			if (start && !active.size) return false;
		}
		return last.some((state) => active.has(state));
	},
});
