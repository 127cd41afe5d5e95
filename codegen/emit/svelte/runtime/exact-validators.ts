/**
 * Validators for endpoints with `bigint` in their types, in place of those in `validators.ts` with the same names.
 *
 * Values are numbers and `bigint`; JavaScript compares the two without rounding. Issues contain numbers, as on the server.
 */
import type { Validator } from './protocol.js';
import { assertion, formatValue, isMultiple, toDecimal } from './validators.js';

type Numeric = number | bigint;

const isBigInt = (value: unknown): value is bigint => typeof value === 'bigint';
const isNumber = (value: unknown): value is Numeric => isBigInt(value) || Number.isFinite(value);
const rounded = (value: unknown): unknown => (isBigInt(value) ? Number(value) : value);
const decimal = (value: Numeric): ReturnType<typeof toDecimal> => (isBigInt(value) ? [value, 0] : toDecimal(value));

/** Return the canonical text of a JSON value; only equal values have the same text. A lone surrogate marks large integers. */
const canonical = (value: unknown): string =>
	JSON.stringify(value, function (this: any, name, part) {
		const own = this[name]; // `part` differs if a library defines `BigInt.prototype.toJSON`
		if (isBigInt(own) || (Number.isInteger(own) && !Number.isSafeInteger(own))) {
			return Number.isSafeInteger(Number(own)) ? Number(own) : `\ud800${BigInt(own)}`;
		}
		return typeof part === 'object' && part !== null && !Array.isArray(part)
			? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
			: part;
	});

/** Return true if two JSON values are equal. */
export const deepEqual = (value: unknown, other: unknown): boolean => canonical(value) === canonical(other);

export const number: Validator = /* @__PURE__ */ assertion('type', 'number', isNumber);
export const integer: Validator = /* @__PURE__ */ assertion('type', 'integer', (value) => isBigInt(value) || Number.isInteger(value));

export const constant = (expected: unknown): Validator => assertion('const', rounded(expected), (value) => deepEqual(value, expected));
export const enumeration = (expected: readonly unknown[]): Validator => {
	const listed = new Set(expected.map(canonical));
	const values = expected.map(rounded);
	return assertion('enum', values, (value) => listed.has(canonical(value)), `one of ${formatValue(values)}`);
};

type Bound = (bound: Numeric) => Validator;

const bound =
	(keyword: string, text: string, passes: (value: Numeric, bound: Numeric) => boolean): Bound =>
	(bound) =>
		assertion(keyword, rounded(bound), (value) => !isNumber(value) || passes(value, bound), `${text} ${Number(bound)}`);

export const minimum: Bound = /* @__PURE__ */ bound('minimum', 'at least', (value, bound) => value >= bound);
export const maximum: Bound = /* @__PURE__ */ bound('maximum', 'at most', (value, bound) => value <= bound);
export const exclusiveMinimum: Bound = /* @__PURE__ */ bound('exclusiveMinimum', 'more than', (value, bound) => value > bound);
export const exclusiveMaximum: Bound = /* @__PURE__ */ bound('exclusiveMaximum', 'less than', (value, bound) => value < bound);
export const multipleOf: Bound = /* @__PURE__ */ bound('multipleOf', 'a multiple of', (value, divisor) =>
	isMultiple(decimal(value), decimal(divisor)),
);

export const uniqueItems: Validator = /* @__PURE__ */ assertion(
	'uniqueItems',
	undefined,
	(value) => !Array.isArray(value) || new Set(value.map(canonical)).size === value.length,
	'unique items',
);
