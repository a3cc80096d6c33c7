import { Injectable } from '@nestjs/common';
import type { Sql } from '../platform/database/database.js';

export interface QueuePort {
  /** messages of this gateway that still want to go out */
  queuedMessages(gatewayId: string): Promise<number>;
  cancelQueued(gatewayId: string): Promise<void>;
}

/** What a setup has just read of the accounts of a gateway. */
export interface DescribedPort {
  /** After the commit and the reading back; @param readAt our time before the network was asked */
  described(gatewayId: string, readAt: Date): Promise<void>;
}

/** What keeps an account from sending, and what waits for it: judged by rooms to the right. */
export interface StandingPort {
  /** by account id, in the shape in which the API shows it */
  standings(accountIds: readonly string[]): Promise<ReadonlyMap<string, object>>;
  /** what accounts were held for may be mended; gives back those that were held */
  mended(sql: Sql, accountIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** after the commit */
  wake(accountIds: Iterable<string>): void;
}

type ChangeListener = (gatewayId: string) => void;

/** Where rooms to the right plug in what this room must ask or tell, so that no import points right. */
@Injectable()
export class GatewayHooks {
  private port: QueuePort | undefined;
  private limits: DescribedPort | undefined;
  private standing: StandingPort | undefined;
  private readonly listeners: ChangeListener[] = [];
  private readonly engagements: ChangeListener[] = [];
  private readonly attentions: ChangeListener[] = [];

  registerQueue(port: QueuePort): void {
    this.port = port;
  }

  registerLimits(port: DescribedPort): void {
    this.limits = port;
  }

  registerStanding(port: StandingPort): void {
    this.standing = port;
  }

  /** Called in the process that made a change, after its commit; must not throw, and is not waited for. */
  onChange(listener: ChangeListener): void {
    this.listeners.push(listener);
  }

  /** Called after a setup or a subscription: somebody wants to use the accounts now. Must not throw, and is not waited for. */
  onEngaged(listener: ChangeListener): void {
    this.engagements.push(listener);
  }

  /**
   * Called after a person has set a gateway or one of its accounts, has set it up or subscribed it: what they know of may be
   * mended. Must not throw, and is not waited for.
   */
  onAttended(listener: ChangeListener): void {
    this.attentions.push(listener);
  }

  queuedMessages(gatewayId: string): Promise<number> {
    return this.port?.queuedMessages(gatewayId) ?? Promise.resolve(0);
  }

  cancelQueued(gatewayId: string): Promise<void> {
    return this.port?.cancelQueued(gatewayId) ?? Promise.resolve();
  }

  described(gatewayId: string, readAt: Date): Promise<void> {
    return this.limits?.described(gatewayId, readAt) ?? Promise.resolve();
  }

  standings(accountIds: readonly string[]): Promise<ReadonlyMap<string, object>> {
    return this.standing?.standings(accountIds) ?? Promise.resolve(new Map());
  }

  mended(sql: Sql, accountIds: readonly string[]): Promise<ReadonlySet<string>> {
    return this.standing?.mended(sql, accountIds) ?? Promise.resolve(new Set());
  }

  wake(accountIds: Iterable<string>): void {
    this.standing?.wake(accountIds);
  }

  changed(gatewayId: string): void {
    for (const listener of this.listeners) listener(gatewayId);
  }

  engaged(gatewayId: string): void {
    for (const listener of this.engagements) listener(gatewayId);
    this.attended(gatewayId);
  }

  attended(gatewayId: string): void {
    for (const listener of this.attentions) listener(gatewayId);
  }
}
