import { Injectable } from '@nestjs/common';

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

type ChangeListener = (gatewayId: string) => void;

/** Where rooms to the right plug in what this room must ask or tell, so that no import points right. */
@Injectable()
export class GatewayHooks {
  private port: QueuePort | undefined;
  private limits: DescribedPort | undefined;
  private readonly listeners: ChangeListener[] = [];
  private readonly engagements: ChangeListener[] = [];
  private readonly attentions: ChangeListener[] = [];

  registerQueue(port: QueuePort): void {
    this.port = port;
  }

  registerLimits(port: DescribedPort): void {
    this.limits = port;
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
