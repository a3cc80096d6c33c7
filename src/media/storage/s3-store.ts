import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { MediaUrl } from '../../platform/config/config.js';
import type { ByteRange, MediaStore } from './media-store.js';

/** Where nothing names a region and the service does not care. */
const ANY_REGION = 'us-east-1';

/**
 * Objects of a bucket. Credentials come from where AWS's own tools look for them. A service with an endpoint of its own is
 * addressed by path, and is not asked for checksums that only AWS knows.
 */
export class S3Store implements MediaStore {
  private readonly client: S3Client;

  constructor(private readonly place: MediaUrl) {
    const { region, endpoint } = place;
    this.client = new S3Client({
      ...(region === undefined ? endpoint !== undefined && { region: ANY_REGION } : { region }),
      ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  async put(sha256: string, file: { path: string; size: number; mimeType: string }): Promise<void> {
    await this.client.send(
      new PutObjectCommand({
        ...this.named(sha256),
        Body: createReadStream(file.path),
        ContentLength: file.size,
        ContentType: file.mimeType,
      }),
    );
  }

  async open(sha256: string, range?: ByteRange): Promise<Readable | undefined> {
    try {
      const { Body } = await this.client.send(
        new GetObjectCommand({ ...this.named(sha256), ...(range && { Range: `bytes=${range.from}-${range.to}` }) }),
      );
      return Body instanceof Readable ? Body : undefined;
    } catch (error) {
      const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
      if (name === 'NoSuchKey' || $metadata?.httpStatusCode === 404) return undefined;
      throw error;
    }
  }

  async remove(sha256: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand(this.named(sha256)));
  }

  close(): void {
    this.client.destroy();
  }

  private named(sha256: string) {
    return { Bucket: this.place.bucket, Key: `${this.place.prefix}${sha256}` };
  }
}
