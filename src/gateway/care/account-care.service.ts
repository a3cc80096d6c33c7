import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '../../access/principal.js';
import type { AccountCall, AccountsFacet, BusinessProfile, CallOutcome, Channel } from '../../contract/index.js';
import type { Log } from '../../platform/logging/log.js';
import { LOG } from '../../platform/platform.tokens.js';
import { Problem } from '../../platform/problem/problem.js';
import { AccountFinder } from '../account-finder.service.js';
import type { AccountQuery } from '../account.dto.js';
import { AccountSecretRepository } from '../account-secret.repository.js';
import { callProvider } from '../call-provider.js';
import { GatewayChanges } from '../gateway-changes.js';
import type { FoundAccount } from '../gateway-directory.js';
import { identityOf } from '../loaded-gateway.js';
import { providerProblem } from '../provider-problem.js';
import { AccountReader } from '../readings/account-reader.service.js';
import type { PatchProfileDto, RegisterDto, RequestCodeDto } from './account-care.dto.js';
import { registrationProblem } from './registration-problem.js';

type Registration = NonNullable<AccountsFacet['registration']>;
type Named = FoundAccount & { readonly channel: Channel };

/** What people do with an account at its network: its profile, its link, and taking a new number into use. */
@Injectable()
export class AccountCare {
  constructor(
    private readonly finder: AccountFinder,
    private readonly reader: AccountReader,
    private readonly secrets: AccountSecretRepository,
    private readonly changes: GatewayChanges,
    @Inject(LOG) private readonly log: Log,
  ) {}

  async link(principal: Principal, address: string, query: AccountQuery, text: string | undefined): Promise<string> {
    const { account, channel } = await this.find(principal, address, query);
    const url = channel.accounts.link?.(identityOf(account), text);
    if (url !== undefined) return url;
    const why = channel.accounts.link
      ? `The account ${account.address} has no phone number that a link could lead to; run setup to read it.`
      : `The channel ${account.channel} has no links that open a chat.`;
    throw new Problem(422, 'account.link.unsupported', why);
  }

  async profile(principal: Principal, address: string, query: AccountQuery): Promise<BusinessProfile> {
    const named = await this.find(principal, address, query);
    const { facet, call } = this.profileOf(named);
    return this.need(named, await callProvider(this.log, () => facet.read(call)));
  }

  /** Returns the profile as the network has it then. */
  async changeProfile(
    principal: Principal,
    address: string,
    query: AccountQuery,
    change: PatchProfileDto,
  ): Promise<BusinessProfile> {
    const named = await this.find(principal, address, query);
    const { facet, call } = this.profileOf(named);
    const problems = facet.check(change);
    const [first] = problems;
    if (first) {
      const detail = problems.map(({ path, message }) => `${path} ${message}`).join('; ');
      throw new Problem(422, first.code, `The network would refuse this profile: ${detail}.`, problems);
    }
    const isEmpty = Object.values(change).every((value) => value === undefined);
    if (!isEmpty) this.need(named, await callProvider(this.log, () => facet.write(change, call)));
    return this.need(named, await callProvider(this.log, () => facet.read(call)));
  }

  requestCode(principal: Principal, address: string, query: AccountQuery, code: RequestCodeDto): Promise<void> {
    return this.step(principal, address, query, (facet, call) => facet.requestCode(code, call));
  }

  verifyCode(principal: Principal, address: string, query: AccountQuery, code: string): Promise<void> {
    return this.step(principal, address, query, (facet, call) => facet.verifyCode(code.replace('-', ''), call));
  }

  async register(principal: Principal, address: string, query: AccountQuery, body: RegisterDto): Promise<void> {
    const { account } = await this.find(principal, address, query);
    const pin = body.pin ?? (await this.secrets.pinOf(account.id));
    if (pin === undefined) {
      throw new Problem(422, 'account.pin.missing', 'No PIN is kept of this number: give pin, six digits.', [
        { path: 'pin', code: 'account.pin.missing', message: 'must be given: six digits' },
      ]);
    }
    const registration = { pin, ...(body.region !== undefined && { region: body.region }) };
    await this.step(principal, address, query, async (facet, call) => {
      const outcome = await facet.register(registration, call);
      // Whatever comes after this: the network has it now, and nobody else may know it.
      if (outcome.status === 'ok') await this.secrets.savePin(account.id, pin);
      return outcome;
    });
  }

  deregister(principal: Principal, address: string, query: AccountQuery): Promise<void> {
    return this.step(principal, address, query, (facet, call) => facet.deregister(call));
  }

  /** Reads the account at the network now. */
  async refresh(principal: Principal, address: string, query: AccountQuery): Promise<void> {
    const named = await this.find(principal, address, query);
    const outcome = await this.reader.readAccount(named.gateway, named.account);
    if (outcome === undefined) throw unsupported(named, 'cannot be asked about single accounts; run setup');
    this.need(named, outcome);
  }

  private async step(
    principal: Principal,
    address: string,
    query: AccountQuery,
    take: (facet: Registration, call: AccountCall) => Promise<CallOutcome>,
  ): Promise<void> {
    const named = await this.find(principal, address, query);
    const { gateway, account, channel } = named;
    const facet = channel.accounts.registration;
    if (!facet) throw unsupported(named, 'has no numbers that are registered');
    const outcome = await callProvider(this.log, () => take(facet, gateway.interactiveAccountCall(account)));
    if (outcome.status !== 'ok') throw registrationProblem(outcome, channel);
    // What it is now is for the next reading to say, should this one fail: the step is taken.
    await this.reader.readAccount(gateway, account).catch((error: unknown) => {
      this.log.warn(
        { err: error, account: account.address },
        'could not read an account after a step; the schedule will',
      );
    });
    await this.changes.settleAttended(gateway.id);
  }

  private profileOf(named: Named) {
    const facet = named.channel.accounts.profile;
    if (!facet) throw unsupported(named, 'shows no profile of a business');
    return { facet, call: named.gateway.interactiveAccountCall(named.account) };
  }

  private need<T>({ channel }: Named, outcome: CallOutcome<T>): T {
    if (outcome.status === 'ok') return outcome.value;
    throw providerProblem(outcome, channel.outcomes, 'account.refused');
  }

  private async find(principal: Principal, address: string, query: AccountQuery): Promise<Named> {
    const found = await this.finder.loaded(principal, address, query);
    const channel = found.gateway.channel(found.account.channel);
    if (channel) return { ...found, channel };
    throw new Problem(404, 'account.not_found', 'The channel of this account is not installed.');
  }
}

function unsupported({ account }: Named, what: string): Problem {
  return new Problem(422, 'account.operation.unsupported', `The channel ${account.channel} ${what}.`);
}
