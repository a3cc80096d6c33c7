/** A form with one file in it (RFC 7578), ready to be streamed. */
export interface Multipart {
  readonly headers: Record<string, string>;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface MultipartFile {
  readonly name: string;
  readonly filename: string;
  readonly mimeType: string;
  /** bytes */
  readonly size: number;
  read(): AsyncIterable<Uint8Array>;
}

/** Its length is known before a byte of the file was read, so that nothing has to be held in memory. */
export function multipart(fields: Readonly<Record<string, string>>, file: MultipartFile, boundary: string): Multipart {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = Buffer.from(
    `${parts.join('')}--${boundary}\r\n` +
      `Content-Disposition: form-data; name="${file.name}"; filename="${quoted(file.filename)}"\r\n` +
      `Content-Type: ${file.mimeType}\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(head.length + file.size + tail.length),
    },
    body: pieces(head, file, tail),
  };
}

async function* pieces(head: Buffer, file: MultipartFile, tail: Buffer): AsyncGenerator<Uint8Array> {
  yield head;
  yield* file.read();
  yield tail;
}

/** As browsers write it: a quote or a line break would end the header. */
function quoted(filename: string): string {
  return filename.replace(/[\r\n]/g, ' ').replaceAll('"', '%22');
}
