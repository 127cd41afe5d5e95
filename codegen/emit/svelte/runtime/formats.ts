/** Assertions for the formats of JSON Schema, one function for each, with the same results as on the server. */

/**
 * Text in a format of JSON Schema, such as `Formatted<'date-time'>`. Every string can be assigned to it, except a text in
 * another format.
 */
export type Formatted<Format extends string> = string & { readonly __format?: Format };

type FormatPredicate = (text: string) => boolean;

const matches =
	(expression: RegExp): FormatPredicate =>
	(text) =>
		expression.test(text);

export const date: FormatPredicate = (text) => {
	const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)?.map(Number) ?? [];
	const leap = year! % (year! % 100 ? 4 : 400) === 0;
	return day! > 0 && day! <= ([31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month! - 1] ?? 0);
};

export const time: FormatPredicate = (text) => {
	const match = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:z|([+-])(\d\d):(\d\d))$/i.exec(text);
	if (!match) return false;
	const [hour, minute, second, sign, hours, minutes] = match.slice(1);
	if (+hour! > 23 || +minute! > 59 || +second! > 60 || +(hours ?? 0) > 23 || +(minutes ?? 0) > 59) return false;
	const offset = (+(hours ?? 0) * 60 + +(minutes ?? 0)) * (sign === '+' ? -1 : 1);
	// A leap second is the last second of a day in UTC.
	return +second! < 60 || (+hour! * 60 + +minute! + offset + 2880) % 1440 === 1439;
};

export const dateTime: FormatPredicate = (text) => {
	const separator = text.search(/t/i);
	return separator > 0 && date(text.slice(0, separator)) && time(text.slice(separator + 1));
};

export const duration: FormatPredicate = /* @__PURE__ */ matches(
	/^P(?!$)(?:\d+W|(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D)?(?:T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?)$/,
);

export const ipv4: FormatPredicate = /* @__PURE__ */ matches(/^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/);

export const ipv6: FormatPredicate = (text) => {
	const last = text.slice(text.lastIndexOf(':') + 1);
	const groups = ipv4(last) ? `${text.slice(0, -last.length)}0:0` : text;
	const halves = groups.split('::').map((half) => (half ? half.split(':') : []));
	const all = halves.flat();
	const complete = halves.length === 2 ? all.length < 8 : halves.length === 1 && all.length === 8;
	return complete && all.every((group) => /^[\da-f]{1,4}$/i.test(group));
};

export const hostname: FormatPredicate = (text) =>
	text.length < 254 &&
	text.split('.').every((label) => {
		if (!/^(?!-)[a-z\d-]{1,63}$/i.test(label) || label.endsWith('-')) return false;
		return label.startsWith('xn--') ? isUnicodeLabel(decodePunycode(label.slice(4))) : label.slice(2, 4) !== '--';
	});

export const email: FormatPredicate = (text) => {
	const bracket = text.lastIndexOf(' <'); // after a display name
	const address = bracket < 0 ? text : text.slice(bracket + 2).trim();
	if (bracket >= 0 && !address.endsWith('>')) return false;
	const match = /^([^]*)@([^@]*)$/.exec(bracket < 0 ? address : address.slice(0, -1));
	if (!match) return false;
	const [local, domain] = match.slice(1) as [string, string];
	const literal = /^\[(ipv6:)?([^]*)\]$/i.exec(domain);
	return (
		local.length < 65 &&
		/^(?:"(?:[\t !#-[\]-~]|\\[!-~])*"|[\w!#$%&'*+\-/=?^`{|}~]+(?:\.[\w!#$%&'*+\-/=?^`{|}~]+)*)$/.test(local) &&
		(literal ? (literal[1] ? ipv6 : ipv4)(literal[2]!) : hostname(domain))
	);
};

export const uri: FormatPredicate = (text) => {
	const match =
		/^[a-z][a-z\d+.-]*:(?:\/\/(?:(?:[\w.~!$&'()*+,;=:-]|%[\da-f]{2})*@)?(?:\[([^\]]*)\]|(?:[\w.~!$&'()*+,;=-]|%[\da-f]{2})*)(?::\d*)?(?![^/?#])|(?!\/\/))(?:[\w.~!$&'()*+,;=:@/-]|%[\da-f]{2})*(?:\?(?:[\w.~!$&'()*+,;=:@/?-]|%[\da-f]{2})*)?(?:#(?:[\w.~!$&'()*+,;=:@/?-]|%[\da-f]{2})*)?$/i.exec(
			text,
		);
	return !!match && (match[1] === undefined || ipv6(match[1]) || /^v[\da-f]+\.[\w.~!$&'()*+,;=:-]+$/i.test(match[1]));
};

export const uuid: FormatPredicate = /* @__PURE__ */ matches(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i);

export const jsonPointer: FormatPredicate = /* @__PURE__ */ matches(/^(?:\/(?:[^~/]|~[01])*)*$/);

export const regex: FormatPredicate = (text) => {
	try {
		return !!new RegExp(text.replace(/\\([^])/gu, toCodePointEscape), 'u');
	} catch {
		return false;
	}
};

/** Replace identity escapes that the `u` flag forbids; the engine of the server accepts them. */
const toCodePointEscape = (pair: string, character: string): string =>
	/[\p{Alphabetic}\p{N}^$\\.*+?()[\]{}|/]/u.test(character) ? pair : `\\u{${character.codePointAt(0)!.toString(16)}}`;

/** Decode Punycode (RFC 3492); return undefined if it is invalid. */
function decodePunycode(text: string): string | undefined {
	const split = Math.max(text.lastIndexOf('-'), 0);
	const output = [...text.slice(0, split)];
	const encoded = text.slice(split && split + 1);
	let [code, index, bias, position] = [128, 0, 72, 0];
	while (position < encoded.length) {
		const before = index;
		for (let weight = 1, k = 36; ; k += 36) {
			const character = encoded[position++];
			const digit = character === undefined ? -1 : (parseInt(character, 36) + 26) % 36;
			if (!(digit >= 0)) return undefined;
			index += digit * weight;
			const threshold = Math.min(Math.max(k - bias, 1), 26);
			if (digit < threshold) break;
			weight *= 36 - threshold;
			if (index > 2 ** 32 || weight > 2 ** 32) return undefined;
		}
		const count = output.length + 1;
		let delta = Math.floor((index - before) / (before ? 2 : 700));
		delta += Math.floor(delta / count);
		for (bias = 0; delta > 455; bias += 36) delta = Math.floor(delta / 35);
		bias += Math.floor((36 * delta) / (delta + 38));
		code += Math.floor(index / count);
		index %= count;
		if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return undefined;
		output.splice(index++, 0, String.fromCodePoint(code));
	}
	return output.join('');
}

/* eslint-disable no-misleading-character-class -- marks are searched for one by one */
/** Return true if a label contains only code points that RFC 5892 permits in a domain name. */
const isUnicodeLabel = (label: string | undefined): boolean =>
	label !== undefined &&
	!/^\p{M}|[\u0640\u07fa\u302e\u302f\u3031-\u3035\u303b]/u.test(label) &&
	!/(?![\0-\x7f\u00b7\u0375\u05f3\u05f4\u06fd\u06fe\u0f0b\u200c\u200d\u3007\u3040-\u30ff])[^\p{L}\p{Mn}\p{Mc}\p{Nd}]/u.test(
		label,
	) &&
	!/(?<!l)\u00b7|\u00b7(?!l)|\u0375(?![\u0370-\u03ff])|(?<![\u0590-\u05ff])[\u05f3\u05f4]/u.test(label) &&
	!/(?<![\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca\u0e3a\u0f84\u1039\u1714\u1734\u17d2\u1a60\u1b44\u1baa\u1bf2\u1bf3\u2d7f\ua806\ua8c4\ua953\uabed\u{10a3f}\u{11046}\u{1107f}\u{110b9}\u{11133}\u{111c0}\u{11235}\u{112ea}\u{1134d}\u{11442}\u{114c2}\u{115bf}\u{1163f}\u{116b6}\u{1172b}\u{11839}\u{119e0}\u{11a34}\u{11a47}\u{11a99}\u{11c3f}\u{11d44}\u{11d45}\u{11d97}])\u200d/u.test(
		label,
	) &&
	(!label.includes('\u30fb') || /[\u3040-\u30fa\u30fc-\u30ff\u4e00-\u9fff]/u.test(label)) &&
	!(/[\u0660-\u0669]/u.test(label) && /[\u06f0-\u06f9]/u.test(label));
