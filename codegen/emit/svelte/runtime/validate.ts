/** The verdict of a schema on what stands in one place of the protocol. */
import { InvalidMessage } from './errors.js';
import type { Check } from './protocol.js';

/** Why `data` is not what `check` wants; where there is no check, no data is wanted. */
export function verdict(name: string, check: Check | undefined, data: unknown): InvalidMessage | undefined {
	const issue =
		(data === undefined) === !check
			? check?.(data, '')
			: {
					pointer: '',
					keyword: check ? 'required' : 'false schema',
					message: check ? 'expected data' : 'expected no data',
				};
	return (
		issue && new InvalidMessage({ code: 'invalid_message', ...issue, message: `${name}${issue.pointer}: ${issue.message}` })
	);
}
