import type { IncomingMessage } from 'node:http';
import { Injectable } from '@nestjs/common';
import { AccessService } from '../../access/access.service.js';
import { mayAccessGateway, requirePermission, unauthorized } from '../../access/principal.js';
import { Problem } from '../../platform/problem/problem.js';
import type { LoadedGateway } from '../loaded-gateway.js';
import { BY_TICKET, OnboardingService } from '../onboarding/onboarding.service.js';
import { TicketService } from '../ticket.service.js';
import { type Command, type CommandParameters, parametersOf, readCommand, unknownOperation } from './command.js';
import { CommandDispatcher } from './command-dispatcher.js';

export interface CommandReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Account management on a gateway's callback URI: `GET /chat/<uri>?<channel>=<operation>`. Who asks is judged before what is
 * asked, whatever the parameters; a ticket stands in for a key for one setup and nothing else, and the state of a consent screen
 * for the end of the setup that went there.
 */
@Injectable()
export class CallbackCommands {
  constructor(
    private readonly access: AccessService,
    private readonly tickets: TicketService,
    private readonly dispatcher: CommandDispatcher,
    private readonly onboarding: OnboardingService,
  ) {}

  /**
   * Problems are answered, not thrown; what is thrown is a bug or a database that is away.
   *
   * @param gateways whose callback it is; where several share it, none of them can be meant
   * @param request who asks, and from which page, where the browser says so
   */
  async handle(
    gateways: readonly LoadedGateway[],
    query: URLSearchParams,
    request: Pick<IncomingMessage, 'headers'>,
  ): Promise<CommandReply> {
    const [gateway, ...others] = gateways;
    const parameters = parametersOf(gateway?.type.channels ?? []);
    if (gateway?.type.onboarding && others.length === 0 && isReturn(query, parameters)) {
      return this.onboarding.finish(gateway, query);
    }
    const command = readCommand(query, parameters);
    try {
      const by = await this.authorize(gateways, command, query, request);
      if (!gateway || others.length > 0) throw severalMeant(gateways);
      if (!command || (command.flow && !gateway.type.onboarding)) throw unknownOperation(parameters);
      if (command.flow) {
        const origin = originOf(command.origin, request.headers.referer, gateway.callbackUrl);
        return await this.onboarding.start(gateway, command.channel, by, origin);
      }
      const list = await this.dispatcher.run(gateway, command);
      return { status: 200, headers: headersOf('application/json; charset=utf-8'), body: JSON.stringify(list) };
    } catch (error) {
      if (error instanceof Problem) return replyOf(error);
      throw error;
    }
  }

  private async authorize(
    gateways: readonly LoadedGateway[],
    command: Command | undefined,
    query: URLSearchParams,
    request: Pick<IncomingMessage, 'headers'>,
  ): Promise<string> {
    const ticket = query.get('ticket');
    if (ticket && !request.headers.authorization) {
      const [only, ...others] = gateways;
      const mayBeUsed = only && others.length === 0 && command?.operation === 'setup';
      if (mayBeUsed && (await this.tickets.use(ticket, only.id))) return BY_TICKET;
      throw unauthorized('The ticket is used, expired or not for this.');
    }
    const principal = await this.access.identify(request);
    if (!gateways.some(({ id }) => mayAccessGateway(principal, id))) {
      throw new Problem(403, 'gateway.forbidden', 'This key is not for this gateway.');
    }
    requirePermission(principal, command?.operation === 'search' ? 'gateways:read' : 'gateways:write');
    return principal.id;
  }
}

/** Something that a consent screen sent back: its state is its authorization. A command beside it is judged as a command. */
function isReturn(query: URLSearchParams, parameters: CommandParameters): boolean {
  const isAnswer = query.has('state') && (query.has('code') || query.has('error'));
  return isAnswer && ![...parameters.keys()].some((parameter) => query.has(parameter));
}

/**
 * Whom the popup's last page may tell what became of it.
 *
 * @throws Problem 400 when it was said, and is none
 */
function originOf(given: string | undefined, referrer: string | undefined, callbackUrl: string): string {
  const webOrigin = (url: string): string | undefined => {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    return parsed && /^https?:$/.test(parsed.protocol) ? parsed.origin : undefined;
  };
  if (given === undefined) return webOrigin(referrer ?? '') ?? new URL(callbackUrl).origin;
  const origin = webOrigin(given);
  if (origin !== undefined && origin === given.replace(/\/$/, '')) return origin;
  const message = 'must be the origin of the window that opens the popup, like https://admin.example';
  throw new Problem(400, 'onboarding.origin.invalid', `origin ${message}.`, [
    { path: 'origin', code: 'onboarding.origin.invalid', message },
  ]);
}

function severalMeant(gateways: readonly LoadedGateway[]): Problem {
  const uris = gateways.slice(0, 5).map(({ uri }) => `/chat/${uri}`);
  return new Problem(
    400,
    'callback.operation.unknown',
    `Several gateways share this callback: commands go to one of them, e.g. ${uris.join(', ')}.`,
  );
}

function replyOf(problem: Problem): CommandReply {
  return {
    status: problem.status,
    headers: { ...headersOf('application/problem+json; charset=utf-8'), ...problem.headers },
    body: JSON.stringify(problem),
  };
}

/** The URI is opened in browsers: what it answers is data, never a page, and never kept. */
function headersOf(contentType: string): Record<string, string> {
  return { 'Content-Type': contentType, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };
}
