const MAX_LENGTH = 200;

/** Controls, marks that turn the direction of writing (a name may hide its real ending with them), and what paths are made of. */
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069"*:<>?|]/g;

/** A name for a file that means no path and no device anywhere; undefined when nothing of it is left. It is never used as a path. */
export function safeName(given: string | undefined): string | undefined {
  const last =
    given
      ?.replace(/\p{Surrogate}/gu, '\ufffd')
      .normalize('NFC')
      .split(/[/\\]/)
      .at(-1) ?? '';
  const clean = last
    .replace(UNSAFE, '')
    .replace(/^[. ]+|[. ]+$/g, '')
    .trim();
  const points = [...clean];
  if (points.length <= MAX_LENGTH) return clean === '' ? undefined : clean;
  const ending = /\.[^.]{1,10}$/.exec(clean)?.[0] ?? '';
  return points.slice(0, MAX_LENGTH - ending.length).join('') + ending;
}
