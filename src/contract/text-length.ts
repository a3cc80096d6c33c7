/** What a network counts when it limits a text. */
export type TextUnit = 'utf16' | 'code-point' | 'utf8-byte';

export function textLength(text: string, unit: TextUnit): number {
  if (unit === 'utf16') return text.length;
  let length = 0;
  for (const character of text) length += sizeOf(character, unit);
  return length;
}

/**
 * Cuts a text into parts of at most `maxLength`, after a line or a word where there is one in the second half of a part, and
 * never inside what a person sees as one character, unless that alone is too long. Joined, the parts are the text again; parts
 * of nothing but blanks are left out.
 */
export function splitText(text: string, maxLength: number, unit: TextUnit): readonly string[] {
  const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text);
  const parts: string[] = [];
  let start = 0;
  while (start < text.length) {
    const most = endOf(text, start, maxLength, unit);
    const wanted = most < text.length ? start + breakIn(text.slice(start, most)) : most;
    const whole = wanted < text.length ? (graphemes.containing(wanted)?.index ?? wanted) : wanted;
    const end = whole > start ? whole : most;
    parts.push(text.slice(start, end));
    start = end;
  }
  return parts.filter((part) => part.trim() !== '');
}

/** Where the longest part that begins at `start` ends: between two code points, and at least after one. */
function endOf(text: string, start: number, maxLength: number, unit: TextUnit): number {
  let end = start;
  let length = 0;
  while (end < text.length) {
    const character = String.fromCodePoint(text.codePointAt(end) ?? 0);
    length += sizeOf(character, unit);
    if (length > maxLength && end > start) return end;
    end += character.length;
  }
  return end;
}

/** After the last line break, else after the last blank; only in the second half, so that no part is a scrap. */
function breakIn(part: string): number {
  const half = part.length / 2;
  const line = part.lastIndexOf('\n') + 1;
  if (line > half) return line;
  const word = part.search(/\s\S*$/) + 1;
  return word > half ? word : part.length;
}

function sizeOf(character: string, unit: TextUnit): number {
  if (unit === 'code-point') return 1;
  if (unit === 'utf16') return character.length;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}
