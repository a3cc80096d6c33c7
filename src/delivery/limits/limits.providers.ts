import { AccountStanding } from './account-standing.service.js';
import { LimitsReader } from './limits-reader.service.js';
import { LimitsRepository } from './limits.repository.js';
import { OpenedPeople } from './opened-people.repository.js';
import { PauseRepository } from './pause.repository.js';
import { PauseScopes } from './pause-scopes.service.js';
import { PauseService } from './pause.service.js';
import { PortfolioMembers } from './portfolio-members.service.js';
import { PortfolioRepository } from './portfolio.repository.js';
import { SeedService } from './seed.service.js';
import { TierLapseRepository } from './tier-lapse.repository.js';
import { TierNewsService } from './tier-news.service.js';

/** Messaging limits and the stop switch: a part of the delivery module. */
export const LIMITS_EXPORTS = [
  OpenedPeople,
  PauseRepository,
  PauseScopes,
  PortfolioMembers,
  PortfolioRepository,
  TierLapseRepository,
  TierNewsService,
];

export const LIMITS_PROVIDERS = [
  ...LIMITS_EXPORTS,
  AccountStanding,
  LimitsReader,
  LimitsRepository,
  PauseService,
  SeedService,
];
