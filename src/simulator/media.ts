import { createHash } from 'node:crypto';

export interface StoredMedia {
  id: string;
  bytes: Buffer;
  mimeType: string;
  sha256: string;
}

/** What was uploaded, or lies ready for a customer to send. Meta: business-phone-numbers/media */
export class Media {
  private readonly stored = new Map<string, StoredMedia>();

  put(id: string, bytes: Buffer, mimeType: string): StoredMedia {
    const media = { id, bytes, mimeType, sha256: createHash('sha256').update(bytes).digest('hex') };
    this.stored.set(id, media);
    return media;
  }

  get(id: string): StoredMedia | undefined {
    return this.stored.get(id);
  }

  delete(id: string): boolean {
    return this.stored.delete(id);
  }

  clear(): void {
    this.stored.clear();
  }
}
