/** Links in the text of a line. */

/** Part of a text; the URL is one of http or https. */
export interface Part {
	readonly text: string;
	readonly href?: string;
}

const URLS = /\bhttps?:\/\/[^\s<>"]+/gi;
/** Characters that end a sentence and not its URL. */
const PUNCTUATION = /[.,:;!?'*_~]+$/;

/** Split a text at its URLs. Components render the parts as text, so that a line cannot contain HTML. */
export function splitLinks(text: string): Part[] {
	const parts: Part[] = [];
	let end = 0;
	for (const { 0: found, index } of text.matchAll(URLS)) {
		const url = trim(found);
		if (!URL.canParse(url)) continue;
		parts.push({ text: text.slice(end, index) }, { text: url, href: url });
		end = index + url.length;
	}
	return [...parts, { text: text.slice(end) }].filter((part) => part.text);
}

/** Remove punctuation from the end of a URL, and closing brackets that the URL does not open. */
function trim(url: string): string {
	const trimmed = url.replace(PUNCTUATION, '');
	const isClosed = trimmed.endsWith(')') && trimmed.split(')').length > trimmed.split('(').length;
	return isClosed ? trim(trimmed.slice(0, -1)) : trimmed;
}
