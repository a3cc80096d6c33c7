import { CONSENT_TOPICS, type ConsentEntry, type ConsentStanding } from './consent.js';

/** A record as the API shows it. */
export function consentView({ state, at, how, what, messageId }: ConsentEntry): object {
  return {
    state,
    at: at.toISOString(),
    how,
    ...(what !== null && { what }),
    ...(messageId !== null && { message: messageId }),
  };
}

/** Every topic, null where nothing was ever said. */
export function standingView(standing: ConsentStanding | undefined): object {
  return Object.fromEntries(
    CONSENT_TOPICS.map((topic) => {
      const entry = standing?.[topic];
      return [topic, entry ? consentView(entry) : null];
    }),
  );
}
