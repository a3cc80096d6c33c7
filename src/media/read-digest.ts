const BYTES = 32;

/** A SHA-256 in hex, whether it was written so or in base64; undefined when it is neither. */
export function readDigest(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  const bytes = /^[A-Za-z0-9+/_-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : undefined;
  return bytes?.length === BYTES ? bytes.toString('hex') : undefined;
}
