/**
 * Checks as declared by generated modules: one function for each keyword of JSON Schema.
 *
 * They give the verdicts and the first issue of the server, by these rules:
 *
 * - Order within a schema: type, const, enum, bounds, sizes, required, dependentRequired, pattern, format, uniqueItems,
 *   properties, patternProperties, additionalProperties, propertyNames, prefixItems, items, contains, dependentSchemas,
 *   allOf, anyOf, oneOf, not, if, $ref; what is unevaluated comes last. Generated code states checks in this order, which
 *   is that of the server (`first_error.py`).
 * - Properties and patterns come in the order of the schema; but as in any object, names that are array indices come
 *   first, in ascending order. Members that a pattern matches, or that are additional, come in the object's own order.
 * - `keyword` is the last keyword on the way through the schema; of `false`, the one that it is the value of.
 * - `expected` is the keyword's value, of `required` and `dependentRequired` the missing name; not for those whose value
 *   is a schema or `true`.
 * - `message` is what the server says (`error_messages.py`).
 * - `pointer` holds no name that the schema does not: below additional, patterned and unevaluated properties, and for
 *   `propertyNames`, it leads to the object.
 * - A union whose members a property tells apart reports the issue of the member that the property chose, and its own
 *   (`oneOf`, `anyOf`) only where that chose none. No other union looks into its members.
 */
import type { Check, Issue } from './protocol.js';

type Test = (value: any) => boolean;
type Expression = { test(text: string): boolean; readonly source?: string };
type Named = { readonly [name: string]: Check };
type Pattern = readonly [Expression, Check];

/** The text of a JSON value; of an array, that of its items. */
const told = (value: unknown): string =>
	typeof value === 'string' ? value : isArray(value) ? (value as unknown[]).map(told).join(', ') : JSON.stringify(value);
/** How much is wanted: `at least 1 character`. */
const count = (bound: string, size: number, unit: string, units = `${unit}s`): string =>
	`at ${bound} ${told(size)} ${size === 1 ? unit : units}`;

const issue = (pointer: string, keyword: string, wanted: string, expected?: unknown): Issue => ({
	pointer,
	keyword,
	message: `expected ${wanted}`,
	expected,
});
const by =
	(keyword: string, expected: unknown, passes: Test, wanted = told(expected)): Check =>
	(value, pointer) =>
		passes(value) ? undefined : issue(pointer, keyword, wanted, expected);

// A string that is no text (it has half of a surrogate pair) cannot be sent.
const isString: Test = (value) => typeof value === 'string' && !/\p{Cs}/u.test(value);
const isNumber: Test = Number.isFinite;
const isArray: Test = Array.isArray;
const isObject: Test = (value) => typeof value === 'object' && value !== null && !isArray(value);

// What is checked has come out of JSON: no property is `undefined`.
const { hasOwn: has, keys: names } = Object;
const at = (pointer: string, name: string): string =>
	`${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** A text that equal values share, and no others. */
const canonical = (value: unknown): string =>
	JSON.stringify(value, (_, part) =>
		isObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
	);

/** Whether two values are equal, to any depth. */
export const equal = (value: unknown, other: unknown): boolean => canonical(value) === canonical(other);

// Types

export const string: Check = /* @__PURE__ */ by('type', 'string', isString);
export const number: Check = /* @__PURE__ */ by('type', 'number', isNumber);
export const integer: Check = /* @__PURE__ */ by('type', 'integer', Number.isInteger);
export const boolean: Check = /* @__PURE__ */ by('type', 'boolean', (value) => typeof value === 'boolean');
export const nil: Check = /* @__PURE__ */ by('type', 'null', (value) => value === null);
export const array: Check = /* @__PURE__ */ by('type', 'array', isArray);
export const object: Check = /* @__PURE__ */ by('type', 'object', isObject);

/** One of several types. */
export const types = (...kinds: readonly Check[]): Check =>
	by(
		'type',
		kinds.map((kind) => kind(undefined, '')!.expected),
		(value) => kinds.some((kind) => !kind(value, '')),
		kinds.map((kind) => kind(undefined, '')!.expected).join(' or '),
	);

/** Everything. */
export const anything: Check = () => undefined;

/** Nothing, as the value of `keyword`. */
export const never =
	(keyword: string): Check =>
	(_, pointer) =>
		issue(pointer, keyword, keyword === 'additionalProperties' ? 'no other properties' : `a value allowed by ${keyword}`);

// Values; those that are arrays or objects are compared by `equal`

const identical: typeof equal = (value, other) => value === other;

export const constant = (expected: unknown, same = identical): Check =>
	by('const', expected, (value) => same(value, expected));
export const enumeration = (expected: readonly unknown[], same = identical): Check =>
	by('enum', expected, (value) => expected.some((one) => same(value, one)), `one of ${told(expected)}`);

// Numbers

export const minimum = (bound: number): Check =>
	by('minimum', bound, (value) => !isNumber(value) || value >= bound, `at least ${told(bound)}`);
export const maximum = (bound: number): Check =>
	by('maximum', bound, (value) => !isNumber(value) || value <= bound, `at most ${told(bound)}`);
export const exclusiveMinimum = (bound: number): Check =>
	by('exclusiveMinimum', bound, (value) => !isNumber(value) || value > bound, `more than ${told(bound)}`);
export const exclusiveMaximum = (bound: number): Check =>
	by('exclusiveMaximum', bound, (value) => !isNumber(value) || value < bound, `less than ${told(bound)}`);

/** In decimal arithmetic: 0.3 is a multiple of 0.1. */
export const multipleOf = (divisor: number): Check =>
	by('multipleOf', divisor, (value) => {
		if (!isNumber(value)) return true;
		const [[digits, exponent], [other, shift]] = [decimal(value), decimal(divisor)];
		const scale = (by: number): bigint => 10n ** BigInt(Math.max(by, 0));
		return (digits * scale(exponent - shift)) % (other * scale(shift - exponent)) === 0n;
	}, `a multiple of ${told(divisor)}`);

const decimal = (value: number): [digits: bigint, exponent: number] => {
	if (Math.abs(value) >= 1e21) return [BigInt(value), 0]; // JSON has these with an exponent: their reader rounds, too
	const [digits, exponent] = value.toExponential().split('e') as [string, string];
	const [whole, fraction = ''] = digits.split('.') as [string, string?];
	return [BigInt(whole + fraction), Number(exponent) - fraction.length];
};

// Strings, measured in characters and not in UTF-16 units

export const minLength = (bound: number): Check =>
	by(
		'minLength',
		bound,
		(value) => typeof value !== 'string' || [...value].length >= bound,
		count('least', bound, 'character'),
	);
export const maxLength = (bound: number): Check =>
	by(
		'maxLength',
		bound,
		(value) => typeof value !== 'string' || [...value].length <= bound,
		count('most', bound, 'character'),
	);
export const pattern = (expression: Expression, expected = expression.source): Check =>
	by('pattern', expected, (value) => typeof value !== 'string' || expression.test(value), `text that matches ${expected}`);
export const format = (expected: string, passes: (text: string) => boolean): Check =>
	by('format', expected, (value) => typeof value !== 'string' || passes(value), `text in the format ${expected}`);

// Arrays

export const minItems = (bound: number): Check =>
	by('minItems', bound, (value) => !isArray(value) || value.length >= bound, count('least', bound, 'item'));
export const maxItems = (bound: number): Check =>
	by('maxItems', bound, (value) => !isArray(value) || value.length <= bound, count('most', bound, 'item'));
export const uniqueItems: Check = /* @__PURE__ */ by(
	'uniqueItems',
	undefined,
	(value) => !isArray(value) || new Set(value.map(canonical)).size === value.length,
	'unique items',
);

/** All items but the first few. */
export const items =
	(check: Check, skip = 0): Check =>
	(value, pointer, seen) => {
		if (isArray(value))
			for (let index = skip; index < value.length; index++) {
				const wrong = check(value[index], `${pointer}/${index}`);
				if (wrong) return wrong;
				seen?.add(index);
			}
		return undefined;
	};

/** The first few items, each on its own. */
export const prefixItems =
	(...checks: readonly Check[]): Check =>
	(value, pointer, seen) => {
		if (isArray(value))
			for (const [index, check] of checks.slice(0, value.length).entries()) {
				const wrong = check(value[index], `${pointer}/${index}`);
				if (wrong) return wrong;
				seen?.add(index);
			}
		return undefined;
	};

/** So many items that pass; `few` is the keyword that finds them too few. */
export const contains =
	(check: Check, least = 1, most = Infinity, few = 'contains'): Check =>
	(value, pointer, seen) => {
		if (!isArray(value)) return undefined;
		let found = 0;
		for (const [index, item] of value.entries())
			if (!check(item, '')) {
				found++;
				seen?.add(index);
			}
		if (found >= least && found <= most) return undefined;
		const refuses = found > most ? 'maxContains' : few; // which does not tell the server whether they are too many
		const amount = { minContains: 'more ', maxContains: 'another number of ' }[refuses] ?? '';
		return issue(pointer, refuses, `${amount}matching items`);
	};

// Objects

export const minProperties = (bound: number): Check =>
	by(
		'minProperties',
		bound,
		(value) => !isObject(value) || names(value).length >= bound,
		count('least', bound, 'property', 'properties'),
	);
export const maxProperties = (bound: number): Check =>
	by(
		'maxProperties',
		bound,
		(value) => !isObject(value) || names(value).length <= bound,
		count('most', bound, 'property', 'properties'),
	);

export const required =
	(...wanted: readonly string[]): Check =>
	(value, pointer) => {
		if (isObject(value))
			for (const name of wanted) if (!has(value, name)) return issue(pointer, 'required', `the property ${name}`, name);
		return undefined;
	};

/** Known properties; others are not looked at. */
export const properties =
	(named: Named): Check =>
	(value, pointer, seen) => {
		if (isObject(value))
			for (const name of names(named))
				if (has(value, name)) {
					const wrong = named[name]!(value[name], at(pointer, name));
					if (wrong) return wrong;
					seen?.add(name);
				}
		return undefined;
	};

/** Properties whose names the schema does not have; the issue of one is that of the object. */
const others =
	(concerns: (name: string) => boolean, check: Check): Check =>
	(value, pointer, seen) => {
		if (isObject(value))
			for (const name of names(value))
				if (concerns(name)) {
					const wrong = check(value[name], pointer);
					if (wrong) return { ...wrong, pointer };
					seen?.add(name);
				}
		return undefined;
	};

/** Properties whose names match; others are not looked at. */
export const patternProperties = (...patterns: readonly Pattern[]): Check =>
	all(...patterns.map(([expression, check]) => others((name) => expression.test(name), check)));

/** All properties: known ones, and a check of the others. */
export const record = (named: Named, rest: Check, patterns: readonly Pattern[] = []): Check =>
	all(
		properties(named),
		patternProperties(...patterns),
		others((name) => !has(named, name) && !patterns.some(([expression]) => expression.test(name)), rest),
	);

/** Known properties, and no others. */
export const closed =
	(named: Named): Check =>
	(value, pointer, seen) => {
		if (isObject(value))
			for (const name of new Set([...names(named), ...names(value)])) {
				const wrong = has(named, name)
					? has(value, name) && named[name]!(value[name], at(pointer, name))
					: issue(pointer, 'additionalProperties', 'no other properties');
				if (wrong) return wrong;
				seen?.add(name);
			}
		return undefined;
	};

export const propertyNames = (check: Check): Check =>
	by('propertyNames', undefined, (value) => !isObject(value) || !names(value).some((name) => check(name, '')), 'other property names');

export const dependentRequired =
	(name: string, ...wanted: readonly string[]): Check =>
	(value, pointer) => {
		const expected = isObject(value) && has(value, name) ? wanted.find((one) => !has(value, one)) : undefined;
		return expected === undefined ? undefined : issue(pointer, 'dependentRequired', `the property ${expected}`, expected);
	};

export const dependentSchemas =
	(name: string, check: Check): Check =>
	(value, pointer, seen) =>
		isObject(value) && has(value, name) ? check(value, pointer, seen) : undefined;

// Compositions

export const all =
	(...checks: readonly Check[]): Check =>
	(value, pointer, seen) => {
		for (const check of checks) {
			const wrong = check(value, pointer, seen);
			if (wrong) return wrong;
		}
		return undefined;
	};

/** Whether a check passes; what it evaluates counts only then. */
const passes = (check: Check, value: any, seen: Set<string | number> | undefined): boolean => {
	const found: typeof seen = seen && new Set();
	if (check(value, '', found)) return false;
	found?.forEach((key) => seen!.add(key));
	return true;
};

export const anyOf =
	(...checks: readonly Check[]): Check =>
	(value, pointer, seen) =>
		// with `seen` all are asked, since each may evaluate other properties
		(seen ? checks.filter((check) => passes(check, value, seen)).length : checks.some((check) => !check(value, '')))
			? undefined
			: issue(pointer, 'anyOf', 'one of the alternatives');

export const oneOf =
	(...checks: readonly Check[]): Check =>
	(value, pointer, seen) =>
		checks.filter((check) => passes(check, value, seen)).length === 1
			? undefined
			: issue(pointer, 'oneOf', 'exactly one of the alternatives');

/** A union of objects that a property tells apart; `keyword` is that of the union. */
export const tagged =
	(keyword: 'anyOf' | 'oneOf', tag: string, ...choices: readonly (readonly [string, Check])[]): Check =>
	(value, pointer, seen) => {
		const choice = isObject(value) && has(value, tag) && choices.find(([name]) => value[tag] === name);
		return choice
			? choice[1](value, pointer, seen)
			: issue(pointer, keyword, `${keyword === 'anyOf' ? '' : 'exactly '}one of the alternatives`);
	};

export const not = (check: Check): Check => by('not', undefined, (value) => !!check(value, ''), 'a value allowed by not');

export const branch =
	(condition: Check, then: Check, otherwise: Check = anything): Check =>
	(value, pointer, seen) =>
		(passes(condition, value, seen) ? then : otherwise)(value, pointer, seen);

/** What `rest` wants of the properties that `check` has not evaluated. */
export const unevaluatedProperties =
	(rest: Check, check: Check): Check =>
	(value, pointer, seen) => {
		const found = new Set<string | number>();
		const wrong = check(value, pointer, found);
		if (wrong) return wrong;
		if (isObject(value))
			for (const name of names(value)) {
				if (!found.has(name) && rest(value[name], '')) {
					return issue(pointer, 'unevaluatedProperties', 'no other properties');
				}
				found.add(name);
			}
		if (seen) found.forEach((key) => seen.add(key));
		return undefined;
	};

/** What `rest` wants of the items that `check` has not evaluated. */
export const unevaluatedItems =
	(rest: Check, check: Check): Check =>
	(value, pointer, seen) => {
		const found = new Set<string | number>();
		const wrong = check(value, pointer, found);
		if (wrong) return wrong;
		if (isArray(value))
			for (const [index, item] of value.entries()) {
				if (!found.has(index) && rest(item, '')) {
					return issue(pointer, 'unevaluatedItems', 'no further items');
				}
				found.add(index);
			}
		if (seen) found.forEach((key) => seen.add(key));
		return undefined;
	};

/** A check that is declared further down, or that contains itself. */
export const lazy =
	(check: () => Check): Check =>
	(value, pointer, seen) =>
		check()(value, pointer, seen);

/** Refuses what is nested too deep for the stack. */
export const deep =
	(check: Check): Check =>
	(value, pointer) => {
		try {
			return check(value, pointer);
		} catch {
			return issue(pointer, 'depth', 'fewer levels of arrays and objects');
		}
	};
