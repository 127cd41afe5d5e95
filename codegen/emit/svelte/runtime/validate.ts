/** Validation of the data of a frame. */
import { isDevelopment } from './development.js';
import { InvalidMessage } from './errors.js';
import type { Issue, Validator } from './protocol.js';

/**
 * Return the error for invalid `data`, or undefined if it is valid.
 *
 * @param name Name of the message, for the text of the error.
 * @param validator Validator for the payload; undefined for messages without one.
 */
export function validate(name: string, validator: Validator | undefined, data: unknown): InvalidMessage | undefined {
	const issue: Issue | undefined =
		(data === undefined) === !validator
			? validator?.(data, '')
			: { pointer: '', keyword: validator ? 'required' : 'false schema', message: `expected ${validator ? '' : 'no '}data` };
	const property = isDevelopment && issue?.propertyName !== undefined ? describeProperty(issue.propertyName, issue.nearName) : '';
	return (
		issue &&
		new InvalidMessage({ code: 'invalid_message', ...issue, message: `${name}${issue.pointer}: ${issue.message}${property}` })
	);
}

const describeProperty = (name: string, nearName: string | undefined): string =>
	` (property ${JSON.stringify(name)}${nearName === undefined ? '' : `; did you mean ${JSON.stringify(nearName)}?`})`;

export const isDeeper = (value: unknown, levels: number): boolean =>
	value instanceof Object && (!levels || Object.values(value).some((part) => isDeeper(part, levels - 1)));
