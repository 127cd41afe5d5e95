/**
 * JSON with exact integers, for endpoints with `bigint` in their types.
 *
 * Parsed text has a `bigint` for each integer literal that a number does not represent exactly. Validators judge these values.
 * A decoder then gives a valid value its TypeScript type: `bigint` where the type is `bigint`, numbers elsewhere.
 */
import { deepEqual } from './exact-validators.js';
import type { Codec, Decoder, PayloadValidator, Validator } from './protocol.js';

/** Start of strings that stand for integers; random and never sent, so that no other string has it. */
const MARK = `${[...crypto.getRandomValues(new Uint32Array(4))].join('.')}:`;
const MARKED = new RegExp(`"${MARK.replaceAll('.', '\\.')}(-?\\d+)"`, 'g');
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:[.eE][\d.eE+-]*)?/g;

/** Return true for the literal of an integer that is not exact as a number. */
const isInexact = (literal: string): boolean => /^-?\d{16,}$/.test(literal) && !Number.isSafeInteger(+literal);

/** `JSON.parse` and `JSON.stringify` for integers of any size. */
export const exactJson: Codec = {
	parse(text) {
		const value = JSON.parse(text); // also rejects malformed text
		if (!/\d{16}/.test(text)) return value;
		const marked = text.replace(TOKENS, (token) => (isInexact(token) ? `"${MARK}${token}"` : token));
		return JSON.parse(marked, (_, part) =>
			typeof part === 'string' && part.startsWith(MARK) ? BigInt(part.slice(MARK.length)) : part,
		);
	},
	stringify(value) {
		let found = 0;
		const text = JSON.stringify(value, function (this: any, name, part) {
			const own = this[name]; // `part` differs if a library defines `BigInt.prototype.toJSON`
			if (typeof own !== 'bigint') return part;
			found++;
			return MARK + own;
		});
		return found ? text.replace(MARKED, '$1') : text;
	},
};

/** Result of a decoder for a value that does not have its type. */
const NONE = Symbol();

const isObjectOrArray = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isObject = (value: unknown): value is object => isObjectOrArray(value) && !Array.isArray(value);
const isNumeric = (value: unknown): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';
const isIntegral = (value: unknown): value is number | bigint => typeof value === 'bigint' || Number.isInteger(value);

/** Any value; integers become numbers. */
export const plain: Decoder = (value) => {
	if (typeof value === 'bigint') return Number(value);
	if (Array.isArray(value)) return value.map(plain);
	return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)])) : value;
};
export const nothing: Decoder = () => NONE;

/** Value of one of the types of `typeof`, or `null`. */
export const scalar =
	(type: string): Decoder =>
	(value) =>
		(value === null ? 'null' : typeof value) === type ? value : NONE;
export const float: Decoder = (value) => (isNumeric(value) ? Number(value) : NONE);
export const int: Decoder = (value) => (isIntegral(value) ? Number(value) : NONE);
export const big: Decoder = (value) => (isIntegral(value) ? BigInt(value) : NONE);

/** One of several constants. */
export const literal =
	(...constants: readonly unknown[]): Decoder =>
	(value) => {
		const index = constants.findIndex((constant) => deepEqual(constant, value));
		return index < 0 ? NONE : isObjectOrArray(value) ? plain(value) : constants[index];
	};

export const list =
	(item: Decoder): Decoder =>
	(value) =>
		Array.isArray(value) ? whole(value.map(item)) : NONE;

/** Array with a decoder for each of its first items, and one for the others. */
export const tuple =
	(items: readonly Decoder[], required: number, rest: Decoder = nothing): Decoder =>
	(value) =>
		Array.isArray(value) && value.length >= required ? whole(value.map((item, index) => (items[index] ?? rest)(item))) : NONE;

const whole = (items: readonly unknown[]): unknown => (items.includes(NONE) ? NONE : items);

/** Object with decoders for its properties, for all others, and for the names. */
export const struct =
	(required: readonly string[], named: { readonly [name: string]: Decoder }, rest: Decoder = plain, key?: Decoder): Decoder =>
	(value) => {
		if (!isObject(value) || !required.every((name) => Object.hasOwn(value, name))) return NONE;
		const found: [string, unknown][] = [];
		for (const [name, part] of Object.entries(value)) {
			const decoded = key?.(name) === NONE ? NONE : (Object.hasOwn(named, name) ? named[name]! : rest)(part);
			if (decoded === NONE) return NONE;
			found.push([name, decoded]);
		}
		return Object.fromEntries(found);
	};

/** First of several types that a value has. */
export const either =
	(...decoders: readonly Decoder[]): Decoder =>
	(value) => {
		for (const decode of decoders) {
			const decoded = decode(value);
			if (decoded !== NONE) return decoded;
		}
		return NONE;
	};

/** Results for the arrays and objects of the value that is decoded, so that unions take linear time. */
let results: Map<string, Map<object, unknown>> | undefined;

/** Type with a name. */
export const named =
	(name: string, get: () => Decoder): Decoder =>
	(value) => {
		if (!isObjectOrArray(value)) return get()(value);
		const known = results!.get(name) ?? new Map<object, unknown>();
		results!.set(name, known);
		if (!known.has(value)) known.set(value, get()(value));
		return known.get(value);
	};

/** Validator of a payload, with the decoder of valid values. */
export const exact = (validate: Validator, decode: Decoder): PayloadValidator =>
	Object.assign(((value, pointer, evaluated) => validate(value, pointer, evaluated)) satisfies Validator, {
		decode(value: unknown): unknown {
			results = new Map();
			try {
				const decoded = decode(value);
				if (decoded === NONE) throw new TypeError('expected a value of its type'); // types accept all valid values
				return decoded;
			} finally {
				results = undefined;
			}
		},
	});
