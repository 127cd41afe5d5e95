/** Checks of the options of a client, in development; types do not check those of JavaScript. */
import { nearName, unknownName } from './near-names.js';

const KINDS = {
	action: ['a URL', isUrl],
	auto: ['a boolean', (value) => typeof value === 'boolean'],
	backoff: ['an object with numbers', (value) => isObject(value) && Object.values(value).every(isNumber)],
	base: ['a URL', isUrl],
	batch: ["'frame'", (value) => value === 'frame'],
	connectTimeout: ['a number', isNumber],
	history: ['a number', isNumber],
	init: ['an object or a function', (value) => isObject(value) || isFunction(value)],
	linger: ['a number', isNumber],
	onunconfirmed: ['a function', isFunction],
	outbox: ['a number', isNumber],
	protocols: ['an array or a function', (value) => Array.isArray(value) || isFunction(value)],
	ticket: ['a function', isFunction],
	url: ['a URL or a function', (value) => isUrl(value) || isFunction(value)],
	WebSocket: ['a class', isFunction],
} satisfies { readonly [option: string]: readonly [expected: string, accepts: (value: unknown) => boolean] };

const NAMES = Object.keys(KINDS);

/** @throws TypeError for an unknown option, or one of another type. */
export function checkOptions(endpoint: string, options: unknown): void {
	if (!isObject(options)) throw new TypeError(`${endpoint}: expected an object with options, got ${typeof options}`);
	const isOfComponent = 'makeClient' in options; // all of its props
	for (const [name, value] of Object.entries(options)) {
		if (value === undefined) continue;
		const [expected, accepts] = Object.hasOwn(KINDS, name) ? KINDS[name as keyof typeof KINDS] : [];
		if (!accepts) {
			if (isOfComponent) continue;
			throw new TypeError(`${endpoint}: unknown option: ${unknownName(name, NAMES)}`);
		}
		if (!accepts(value)) throw new TypeError(`${endpoint}: option ${name}: expected ${expected}, got ${typeof value}`);
	}
}

/** Props of components that are not options of their clients. */
const PROPS = [
	...['auto_open', 'children', 'client', 'controller', 'data', 'makeClient', 'message', 'messages', 'params'],
	...['onclose', 'onerror', 'onmessage', 'onopen', 'onstatus'],
];

/** Return warnings about props of a component that are neither options, events nor snippets of messages. */
export function unknownProps(props: object, snippets: readonly string[]): string[] {
	const known = [...NAMES, ...PROPS, ...snippets];
	return Object.keys(props)
		.filter((name) => !known.includes(name))
		.map((name) => {
			const near = nearName(name, known);
			return `has no prop and no message ${name}${near === undefined ? '' : `; did you mean ${near}?`}`;
		});
}

function isUrl(value: unknown): boolean {
	return typeof value === 'string' || value instanceof URL;
}

function isNumber(value: unknown): boolean {
	return typeof value === 'number' && value >= 0;
}

function isFunction(value: unknown): boolean {
	return typeof value === 'function';
}

function isObject(value: unknown): value is object {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
