/**
 * Validators called by generated modules: one function for each keyword of JSON Schema.
 *
 * They accept the same values as the server, and report the same first issue, by these rules:
 *
 * - Order within a schema: type, const, enum, bounds, sizes, required, dependentRequired, pattern, format, uniqueItems,
 *   properties, patternProperties, additionalProperties, propertyNames, prefixItems, items, contains, dependentSchemas,
 *   allOf, anyOf, oneOf, not, if, $ref, unevaluatedProperties, unevaluatedItems. Generated code calls the validators in this
 *   order.
 * - Properties and patterns are validated in the order of the schema; as in any object, names that are array indices come
 *   first, in ascending order. Properties that match a pattern, or are additional, are validated in the order of the object.
 * - `keyword` is the last keyword on the path through the schema; for the schema `false`, the keyword that has this value.
 * - `expected` is the value of the keyword; for `required` and `dependentRequired`, the missing name. It is undefined for
 *   keywords with a schema or `true` as value.
 * - `message` is the text of the server.
 * - `pointer` contains only names that the schema declares: for additional, patterned and unevaluated properties, and for
 *   `propertyNames`, it refers to the object.
 * - A union with a discriminator reports the issue of the member that the discriminator selects, and its own issue (`oneOf`,
 *   `anyOf`) only if it selects none. Other unions do not report issues of their members.
 */
import { isDevelopment } from './development.js';
import { nearName } from './near-names.js';
import type { Issue, Validator } from './protocol.js';

type Predicate = (value: any) => boolean;
interface Expression {
	test(text: string): boolean;
	readonly source?: string;
}
interface PropertyValidators {
	readonly [name: string]: Validator;
}
type Pattern = readonly [Expression, Validator];

/** Format a JSON value for an error message; an array becomes the list of its items. */
export const formatValue = (value: unknown): string =>
	typeof value === 'string' ? value : isArray(value) ? (value as unknown[]).map(formatValue).join(', ') : JSON.stringify(value);
/** Format a bound: `at least 1 character`. */
const formatBound = (side: 'least' | 'most', bound: number, unit: string, units = `${unit}s`): string =>
	`at ${side} ${bound} ${bound === 1 ? unit : units}`;

const createIssue = (pointer: string, keyword: string, expectation: string, expected?: unknown): Issue => ({
	pointer,
	keyword,
	message: `expected ${expectation}`,
	expected,
});
/** Add the name of the invalid property to an issue, in development. */
const nameProperty = (issue: Issue, propertyName: string): Issue => Object.assign(issue, { propertyName });
export const assertion =
	(keyword: string, expected: unknown, passes: Predicate, expectation: string = formatValue(expected)): Validator =>
	(value, pointer) =>
		passes(value) ? undefined : createIssue(pointer, keyword, expectation, expected);

// A string with a lone surrogate cannot be encoded as UTF-8.
const isString: Predicate = (value) => typeof value === 'string' && !/\p{Cs}/u.test(value);
const isNumber: Predicate = Number.isFinite;
const isArray: Predicate = Array.isArray;
const isObject: Predicate = (value) => typeof value === 'object' && value !== null && !isArray(value);

// Values are parsed JSON, so no property is `undefined`.
const childPointer = (pointer: string, name: string): string =>
	`${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** Return the canonical text of a JSON value; only equal values have the same text. */
const canonical = (value: unknown): string =>
	JSON.stringify(value, (_, part) =>
		isObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
	);

/** Return true if two JSON values are equal. */
export const deepEqual = (value: unknown, other: unknown): boolean => canonical(value) === canonical(other);

// Types

export const string: Validator = /* @__PURE__ */ assertion('type', 'string', isString);
export const number: Validator = /* @__PURE__ */ assertion('type', 'number', isNumber);
export const integer: Validator = /* @__PURE__ */ assertion('type', 'integer', Number.isInteger);
export const boolean: Validator = /* @__PURE__ */ assertion('type', 'boolean', (value) => typeof value === 'boolean');
export const null_: Validator = /* @__PURE__ */ assertion('type', 'null', (value) => value === null);
export const array: Validator = /* @__PURE__ */ assertion('type', 'array', isArray);
export const object: Validator = /* @__PURE__ */ assertion('type', 'object', isObject);

/** Any of several types. */
export const types = (...validators: readonly Validator[]): Validator =>
	assertion(
		'type',
		validators.map((validate) => validate(undefined, '')!.expected),
		(value) => validators.some((validate) => !validate(value, '')),
		validators.map((validate) => validate(undefined, '')!.expected).join(' or '),
	);

/** Any value: the schema `true`. */
export const anything: Validator = () => undefined;

/** No value: the schema `false` of `keyword`. */
export const never =
	(keyword: string): Validator =>
	(_, pointer) =>
		createIssue(pointer, keyword, keyword === 'additionalProperties' ? 'no other properties' : `a value allowed by ${keyword}`);

// Values; arrays and objects are compared by `deepEqual`

const identical: typeof deepEqual = (value, other) => value === other;

export const constant = (expected: unknown, same: typeof deepEqual = identical): Validator =>
	assertion('const', expected, (value) => same(value, expected));
export const enumeration = (expected: readonly unknown[], same: typeof deepEqual = identical): Validator =>
	assertion('enum', expected, (value) => expected.some((listed) => same(value, listed)), `one of ${formatValue(expected)}`);

// Numbers

export const minimum = (bound: number): Validator =>
	assertion('minimum', bound, (value) => !isNumber(value) || value >= bound, `at least ${bound}`);
export const maximum = (bound: number): Validator =>
	assertion('maximum', bound, (value) => !isNumber(value) || value <= bound, `at most ${bound}`);
/** Exclusive bounds; if `rounded`, JavaScript rounds the nearest valid integer to the bound. */
export const exclusiveMinimum = (bound: number, rounded = false): Validator =>
	assertion(
		'exclusiveMinimum',
		bound,
		(value) => !isNumber(value) || value > bound || (rounded && value === bound),
		`more than ${bound}`,
	);
export const exclusiveMaximum = (bound: number, rounded = false): Validator =>
	assertion(
		'exclusiveMaximum',
		bound,
		(value) => !isNumber(value) || value < bound || (rounded && value === bound),
		`less than ${bound}`,
	);

/** Multiples in decimal arithmetic: 0.3 is a multiple of 0.1. */
export const multipleOf = (divisor: number): Validator =>
	assertion(
		'multipleOf',
		divisor,
		(value) => !isNumber(value) || isMultiple(toDecimal(value), toDecimal(divisor)),
		`a multiple of ${divisor}`,
	);

type Decimal = readonly [digits: bigint, exponent: number];

export const isMultiple = ([digits, exponent]: Decimal, [divisorDigits, divisorExponent]: Decimal): boolean => {
	const power = (exponent: number): bigint => 10n ** BigInt(Math.max(exponent, 0));
	return (digits * power(exponent - divisorExponent)) % (divisorDigits * power(divisorExponent - exponent)) === 0n;
};

export const toDecimal = (value: number): Decimal => {
	if (Math.abs(value) >= 1e21) return [BigInt(value), 0]; // written with an exponent in JSON, so the server rounds too
	const [significand, exponent] = value.toExponential().split('e') as [string, string];
	const [digit, fraction = ''] = significand.split('.') as [string, string?];
	return [BigInt(digit + fraction), Number(exponent) - fraction.length];
};

// Strings; lengths are in code points, not in UTF-16 code units

export const minLength = (bound: number): Validator =>
	assertion(
		'minLength',
		bound,
		(value) => typeof value !== 'string' || [...value].length >= bound,
		formatBound('least', bound, 'character'),
	);
export const maxLength = (bound: number): Validator =>
	assertion(
		'maxLength',
		bound,
		(value) => typeof value !== 'string' || [...value].length <= bound,
		formatBound('most', bound, 'character'),
	);
export const pattern = (expression: Expression, expected: string | undefined = expression.source): Validator =>
	assertion('pattern', expected, (value) => typeof value !== 'string' || expression.test(value), `text that matches ${expected}`);
export const format = (expected: string, passes: (text: string) => boolean): Validator =>
	assertion('format', expected, (value) => typeof value !== 'string' || passes(value), `text in the format ${expected}`);

// Arrays

export const minItems = (bound: number): Validator =>
	assertion('minItems', bound, (value) => !isArray(value) || value.length >= bound, formatBound('least', bound, 'item'));
export const maxItems = (bound: number): Validator =>
	assertion('maxItems', bound, (value) => !isArray(value) || value.length <= bound, formatBound('most', bound, 'item'));
export const uniqueItems: Validator = /* @__PURE__ */ assertion(
	'uniqueItems',
	undefined,
	(value) => !isArray(value) || new Set(value.map(canonical)).size === value.length,
	'unique items',
);

/** Items after the first `skip` ones. */
export const items =
	(validate: Validator, skip = 0): Validator =>
	(value, pointer, evaluated) => {
		if (isArray(value))
			for (let index = skip; index < value.length; index++) {
				const issue = validate(value[index], `${pointer}/${index}`);
				if (issue) return issue;
				evaluated?.add(index);
			}
		return undefined;
	};

/** First items, each with its own validator. */
export const prefixItems =
	(...validators: readonly Validator[]): Validator =>
	(value, pointer, evaluated) => {
		if (isArray(value))
			for (const [index, validate] of validators.slice(0, value.length).entries()) {
				const issue = validate(value[index], `${pointer}/${index}`);
				if (issue) return issue;
				evaluated?.add(index);
			}
		return undefined;
	};

/** Number of valid items from `min` to `max`; `tooFew` is the keyword of the issue if there are fewer. */
export const contains =
	(validate: Validator, min = 1, max: number = Infinity, tooFew = 'contains'): Validator =>
	(value, pointer, evaluated) => {
		if (!isArray(value)) return undefined;
		let found = 0;
		for (const [index, item] of value.entries())
			if (isValid(validate, item)) {
				found++;
				evaluated?.add(index);
			}
		if (found >= min && found <= max) return undefined;
		const keyword = found > max ? 'maxContains' : tooFew;
		const amount = { minContains: 'more ', maxContains: 'another number of ' }[keyword] ?? '';
		return createIssue(pointer, keyword, `${amount}matching items`);
	};

// Objects

export const minProperties = (bound: number): Validator =>
	assertion(
		'minProperties',
		bound,
		(value) => !isObject(value) || Object.keys(value).length >= bound,
		formatBound('least', bound, 'property', 'properties'),
	);
export const maxProperties = (bound: number): Validator =>
	assertion(
		'maxProperties',
		bound,
		(value) => !isObject(value) || Object.keys(value).length <= bound,
		formatBound('most', bound, 'property', 'properties'),
	);

export const required =
	(...names: readonly string[]): Validator =>
	(value, pointer) => {
		if (isObject(value))
			for (const name of names) if (!Object.hasOwn(value, name)) return createIssue(pointer, 'required', `the property ${name}`, name);
		return undefined;
	};

/** Declared properties; others are ignored. */
export const properties =
	(named: PropertyValidators): Validator =>
	(value, pointer, evaluated) => {
		if (isObject(value))
			for (const name of Object.keys(named))
				if (Object.hasOwn(value, name)) {
					const issue = named[name]!(value[name], childPointer(pointer, name));
					if (issue) return issue;
					evaluated?.add(name);
				}
		return undefined;
	};

/** Undeclared properties with a name that `matches`; issues refer to the object. */
const undeclared =
	(matches: (name: string) => boolean, validate: Validator): Validator =>
	(value, pointer, evaluated) => {
		if (isObject(value))
			for (const name of Object.keys(value))
				if (matches(name)) {
					const issue = validate(value[name], pointer);
					if (issue) {
						const result = { ...issue, pointer };
						if (isDevelopment) nameProperty(result, name);
						return result;
					}
					evaluated?.add(name);
				}
		return undefined;
	};

/** Properties with a name that matches a pattern; others are ignored. */
export const patternProperties = (...patterns: readonly Pattern[]): Validator =>
	all(...patterns.map(([expression, validate]) => undeclared((name) => expression.test(name), validate)));

/** Declared properties, and a validator for all others. */
export const record = (named: PropertyValidators, rest: Validator, patterns: readonly Pattern[] = []): Validator =>
	all(
		properties(named),
		patternProperties(...patterns),
		undeclared((name) => !Object.hasOwn(named, name) && !patterns.some(([expression]) => expression.test(name)), rest),
	);

/** Declared properties only. */
export const closed =
	(named: PropertyValidators): Validator =>
	(value, pointer, evaluated) => {
		if (isObject(value))
			for (const name of new Set([...Object.keys(named), ...Object.keys(value)])) {
				const issue = Object.hasOwn(named, name)
					? Object.hasOwn(value, name) && named[name]!(value[name], childPointer(pointer, name))
					: createIssue(pointer, 'additionalProperties', 'no other properties');
				if (isDevelopment && issue && !Object.hasOwn(named, name))
					Object.assign(nameProperty(issue, name), { nearName: nearName(name, Object.keys(named)) });
				if (issue) return issue;
				evaluated?.add(name);
			}
		return undefined;
	};

export const propertyNames =
	(validate: Validator): Validator =>
	(value, pointer) => {
		const name = isObject(value) ? Object.keys(value).find((name) => validate(name, '')) : undefined;
		if (name === undefined) return undefined;
		const issue = createIssue(pointer, 'propertyNames', 'other property names');
		if (isDevelopment) nameProperty(issue, name);
		return issue;
	};

export const dependentRequired =
	(name: string, ...names: readonly string[]): Validator =>
	(value, pointer) => {
		const expected = isObject(value) && Object.hasOwn(value, name) ? names.find((other) => !Object.hasOwn(value, other)) : undefined;
		return expected === undefined ? undefined : createIssue(pointer, 'dependentRequired', `the property ${expected}`, expected);
	};

export const dependentSchemas =
	(name: string, validate: Validator): Validator =>
	(value, pointer, evaluated) =>
		isObject(value) && Object.hasOwn(value, name) ? validate(value, pointer, evaluated) : undefined;

// Compositions

export const all =
	(...validators: readonly Validator[]): Validator =>
	(value, pointer, evaluated) => {
		for (const validate of validators) {
			const issue = validate(value, pointer, evaluated);
			if (issue) return issue;
		}
		return undefined;
	};

/** Number of calls of `isValid` around the current validator. */
let probes = 0;

/** Return true if a value is valid; in this case, add the properties and items that were evaluated to `evaluated`. */
const isValid = (validate: Validator, value: any, evaluated?: Set<string | number>): boolean => {
	const found: typeof evaluated = evaluated && new Set();
	probes++;
	const issue = validate(value, '', found);
	probes--;
	if (!issue) found?.forEach((key) => evaluated!.add(key));
	return !issue;
};

export const anyOf =
	(...validators: readonly Validator[]): Validator =>
	(value, pointer, evaluated) =>
		// Annotations are collected from every member, since each may evaluate other properties.
		(evaluated
			? validators.filter((validate) => isValid(validate, value, evaluated)).length
			: validators.some((validate) => isValid(validate, value)))
			? undefined
			: createIssue(pointer, 'anyOf', 'one of the alternatives');

export const oneOf =
	(...validators: readonly Validator[]): Validator =>
	(value, pointer, evaluated) =>
		validators.filter((validate) => isValid(validate, value, evaluated)).length === 1
			? undefined
			: createIssue(pointer, 'oneOf', 'exactly one of the alternatives');

/** Union of objects with a discriminator property: constants, each with its validator; `keyword` is the keyword of the union. */
export const tagged = (
	keyword: 'anyOf' | 'oneOf',
	tag: string,
	...choices: readonly (readonly [constants: unknown, Validator])[]
): Validator => {
	const chosen = new Map(choices.flatMap(([constants, validate]) => [constants].flat().map((constant) => [constant, validate])));
	return (value, pointer, evaluated) => {
		const validate = isObject(value) && Object.hasOwn(value, tag) && chosen.get(value[tag]);
		if (validate) return validate(value, pointer, evaluated);
		const known = new Set([...chosen.keys()].map((constant) => formatValue(typeof constant === 'bigint' ? Number(constant) : constant)));
		return createIssue(
			pointer,
			keyword,
			isObject(value)
				? `the property ${tag} with one of ${[...known].join(', ')}`
				: `${keyword === 'anyOf' ? '' : 'exactly '}one of the alternatives`,
		);
	};
};

export const not = (validate: Validator): Validator => assertion('not', undefined, (value) => !isValid(validate, value), 'a value allowed by not');

export const ifThenElse =
	(condition: Validator, then: Validator, otherwise: Validator = anything): Validator =>
	(value, pointer, evaluated) =>
		(isValid(condition, value, evaluated) ? then : otherwise)(value, pointer, evaluated);

/** Validator `validate`, and `rest` for the properties that it does not evaluate. */
export const unevaluatedProperties =
	(rest: Validator, validate: Validator): Validator =>
	(value, pointer, evaluated) => {
		const found = new Set<string | number>();
		const issue = validate(value, pointer, found);
		if (issue) return issue;
		if (isObject(value))
			for (const name of Object.keys(value)) {
				if (!found.has(name) && rest(value[name], '')) {
					const issue = createIssue(pointer, 'unevaluatedProperties', 'no other properties');
					if (isDevelopment) nameProperty(issue, name);
					return issue;
				}
				found.add(name);
			}
		if (evaluated) found.forEach((key) => evaluated.add(key));
		return undefined;
	};

/** Validator `validate`, and `rest` for the items that it does not evaluate. */
export const unevaluatedItems =
	(rest: Validator, validate: Validator): Validator =>
	(value, pointer, evaluated) => {
		const found = new Set<string | number>();
		const issue = validate(value, pointer, found);
		if (issue) return issue;
		if (isArray(value))
			for (const [index, item] of value.entries()) {
				if (!found.has(index) && rest(item, '')) {
					return createIssue(pointer, 'unevaluatedItems', 'no further items');
				}
				found.add(index);
			}
		if (evaluated) found.forEach((key) => evaluated.add(key));
		return undefined;
	};

/** Issues of arrays and objects by validator, or null if they are valid, while `limitDepth` runs. */
let results: Map<Validator, Map<unknown, Issue | null>> | undefined;

/**
 * Validator that is declared later, or refers to itself.
 *
 * It validates each array and object once, even if several members of a union contain it; otherwise, the time would grow
 * exponentially with the depth.
 */
export const lazy =
	(get: () => Validator): Validator =>
	(value, pointer, evaluated) => {
		const validate = get();
		if (!results || evaluated || typeof value !== 'object') return validate(value, pointer, evaluated);
		let known = results.get(validate);
		if (!known) results.set(validate, (known = new Map()));
		const result = known.get(value);
		// An issue of a union's member has no pointer, and is never reported.
		if (result === null || (result && probes)) return result ?? undefined;
		const issue = validate(value, pointer);
		known.set(value, issue ?? null);
		return issue;
	};

/** Reject values that are nested too deep for the call stack. */
export const limitDepth =
	(validate: Validator): Validator =>
	(value, pointer) => {
		[results, probes] = [new Map(), 0];
		try {
			return validate(value, pointer);
		} catch {
			return createIssue(pointer, 'depth', 'fewer levels of arrays and objects');
		} finally {
			results = undefined;
		}
	};
