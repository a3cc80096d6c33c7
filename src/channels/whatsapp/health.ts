import type { AccountHealth, HealthProblem, JsonObject, JsonValue } from '../../contract/index.js';
import { asId, asNumber, asObject, asObjects, asText, defined } from '../graph/index.js';

/** What a phone number's fields say of its health. Meta: business-phone-numbers/phone-numbers */
export function health(details: JsonObject): AccountHealth {
  const state = asObject(details['health_status']);
  const problems = problemsOf(state);
  return defined({
    status: asText(details['status']),
    quality: asText(details['quality_rating']),
    throughput: asText(asObject(details['throughput'])?.['level']) ?? asText(details['throughput']),
    // the limit is the portfolio's since October 2025; the older name is read where stored details still have it
    messagingLimit:
      asText(details['whatsapp_business_manager_messaging_limit']) ?? asText(details['messaging_limit_tier']),
    nameStatus: asText(details['name_status']),
    newNameStatus: asText(details['new_name_status']),
    verification: asText(details['code_verification_status']),
    mode: asText(details['account_mode']),
    canSend: asText(state?.['can_send_message']),
    problems: problems.length > 0 ? problems : undefined,
  });
}

/** Meta judges the number, its account, the business and the app, each with errors and remarks. Meta: whatsapp/health-status */
function problemsOf(state: JsonObject | undefined): readonly HealthProblem[] {
  return asObjects(state?.['entities']).flatMap((entity): HealthProblem[] => {
    const of = [asText(entity['entity_type']), asId(entity['id'])].filter(Boolean).join(' ') || 'unknown';
    const errors = asObjects(entity['errors']).map((error) =>
      defined({
        of,
        code: asNumber(error['error_code']),
        description: asText(error['error_description']) ?? 'no reason given',
        solution: asText(error['possible_solution']),
      }),
    );
    return [...errors, ...remarks(entity['additional_info']).map((description) => ({ of, description }))];
  });
}

function remarks(info: JsonValue | undefined): readonly string[] {
  return (Array.isArray(info) ? info : [info]).flatMap((remark) => asText(remark) ?? []);
}
