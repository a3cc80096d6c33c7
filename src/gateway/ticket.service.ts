import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { gatewayNotFound } from '../access/principal.js';
import { Clock } from '../platform/clock/clock.js';
import { GatewayDirectory } from './gateway-directory.js';
import { TicketRepository } from './ticket.repository.js';

const LIFETIME_MS = 5 * 60_000;
const MAX_LENGTH = 200;

export class TicketView {
  @ApiProperty()
  ticket!: string;
  @ApiProperty({ description: 'what the popup opens' })
  url!: string;
  @ApiProperty()
  expiresAt!: string;
}

/** One setup without an API key, for a browser popup that cannot send a header: five minutes, once, hashed at rest. */
@Injectable()
export class TicketService {
  constructor(
    private readonly tickets: TicketRepository,
    private readonly directory: GatewayDirectory,
    private readonly clock: Clock,
  ) {}

  async create(gatewayId: string): Promise<TicketView> {
    const gateway = this.directory.byId(gatewayId);
    const [channel] = gateway?.type.channels ?? [];
    if (!gateway || !channel) throw gatewayNotFound();
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + LIFETIME_MS);
    const ticket = randomBytes(32).toString('base64url');
    await this.tickets.insert(hashOf(ticket), gatewayId, expiresAt, now);
    return {
      ticket,
      url: `${gateway.callbackUrl}?${channel.channel}=setup&ticket=${ticket}`,
      expiresAt: expiresAt.toISOString(),
    };
  }

  async use(ticket: string, gatewayId: string): Promise<boolean> {
    return ticket.length <= MAX_LENGTH && this.tickets.use(hashOf(ticket), gatewayId, this.clock.now());
  }
}

function hashOf(ticket: string): Buffer {
  return createHash('sha256').update(ticket).digest();
}
