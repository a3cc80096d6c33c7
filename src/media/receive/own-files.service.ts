import { Inject, Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { type Principal, gatewayNotFound, mayAccessGateway } from '../../access/principal.js';
import { MEDIA_TYPES, type MediaType } from '../../contract/index.js';
import { GatewayDirectory } from '../../gateway/gateway-directory.js';
import { GatewayTypes } from '../../gateway/gateway-types.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { isId, newId } from '../../platform/ids/ids.js';
import { Problem } from '../../platform/problem/problem.js';
import { MediaLinks } from '../links/media-links.service.js';
import { MediaFileRepository } from '../media-file.repository.js';
import { type MediaView, mediaView } from '../media.view.js';
import { MEDIA_STAGING, MEDIA_STORE } from '../media.tokens.js';
import { safeName } from '../safe-name.js';
import type { MediaStore } from '../storage/media-store.js';
import type { Staging } from '../storage/staging.js';
import { typeOf } from '../storage/type-of.js';
import { receiveUpload } from './receive-upload.js';

export interface UploadWishes {
  /** id or uri of the gateway that may send it; absent: any that the caller may use */
  readonly gateway?: string;
  /** what it will be sent as: its limits are judged now, and not only then */
  readonly type?: MediaType;
  readonly filename?: string;
}

/** Files that callers upload, to be sent by their ids. */
@Injectable()
export class OwnFiles {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly directory: GatewayDirectory,
    private readonly types: GatewayTypes,
    private readonly files: MediaFileRepository,
    private readonly links: MediaLinks,
    @Inject(MEDIA_STAGING) private readonly staging: Staging,
    @Inject(MEDIA_STORE) private readonly store: MediaStore,
  ) {}

  async receive(principal: Principal, request: IncomingMessage, wishes: UploadWishes): Promise<MediaView> {
    const gatewayId = this.gatewayOf(principal, wishes.gateway);
    const maxBytes = this.limitOf(principal, gatewayId, wishes.type);
    const intake = await this.staging.begin(maxBytes);
    try {
      const told = await receiveUpload(request, intake, maxBytes);
      const { path, size, sha256 } = await intake.finish();
      if (size === 0) throw new Problem(400, 'media.empty', 'The body holds no file.');
      const mimeType = await typeOf(path, told.mimeType);
      const filename = safeName(wishes.filename ?? told.filename);
      const id = newId(this.clock.now());
      const file = { id, createdAt: this.clock.now(), gatewayId, ...(filename !== undefined && { filename }) };
      await this.database.transaction(async (sql) => {
        await this.files.insert(sql, [{ ...file, stored: { sha256, size, mimeType } }]);
        await this.files.announce(sql, id, { sha256, size, mimeType });
        // Its row is seen by others only when its bytes are there.
        await this.store.put(sha256, { path, size, mimeType });
      });
      return mediaView({ ...file, state: 'ready', attempts: 0, sha256, size, mimeType }, this.links.to(id));
    } finally {
      await intake.drop();
    }
  }

  /** @throws Problem 404 also for a file of a gateway that the caller may not see */
  async view(principal: Principal, id: string): Promise<MediaView> {
    const file = isId(id) ? await this.files.find(this.database, id) : undefined;
    if (!file || (file.gatewayId !== null && !mayAccessGateway(principal, file.gatewayId))) {
      throw new Problem(404, 'media.not_found', 'There is no such file.');
    }
    return mediaView(file, this.links.to(id));
  }

  /** A key for one gateway alone uploads for that one. */
  private gatewayOf(principal: Principal, given: string | undefined): string | null {
    if (given === undefined) {
      const [only, ...others] = principal.gateways ?? [];
      return only !== undefined && others.length === 0 ? only : null;
    }
    const gateway = this.directory.byIdOrUri(given);
    if (!gateway || !mayAccessGateway(principal, gateway.id)) throw gatewayNotFound();
    return gateway.id;
  }

  /** The most of the kind that any channel sends of the gateways that may send it; without a kind, of any. */
  private limitOf(principal: Principal, gatewayId: string | null, type: MediaType | undefined): number {
    const senders = this.directory
      .all()
      .filter(({ id }) => (gatewayId === null ? mayAccessGateway(principal, id) : id === gatewayId));
    const types = senders.length > 0 ? new Set(senders.map((gateway) => gateway.type)) : this.types.all();
    const kinds = type ? [type] : MEDIA_TYPES;
    const limits = [...types]
      .flatMap(({ channels }) => channels)
      .flatMap(({ capabilities }) => kinds.map((kind) => capabilities.media[kind]?.maxBytes ?? 0));
    return Math.max(0, ...limits);
  }
}
