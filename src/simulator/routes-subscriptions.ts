import { reachPhoneNumber, reachWaba } from './graph-access.js';
import { GraphError, invalidParameter, unknownObject } from './graph-error.js';
import type { GraphAnswer, GraphCall } from './graph.types.js';
import { parameter } from './graph.types.js';
import { isPageObject, judgeFields } from './pages/routes.js';
import { listWabaEdge, ok } from './routes-discovery.js';
import type { JsonObject } from './world.types.js';

const OBJECT = 'whatsapp_business_account';

export function getSubscribedApps(call: GraphCall, wabaId: string): GraphAnswer {
  return listWabaEdge(call, wabaId, 'subscribed_apps');
}

/** Subscribes the token's app; without an override in the body an existing one is cleared. Meta: webhooks/override */
export async function subscribeApp(call: GraphCall, wabaId: string): Promise<GraphAnswer> {
  const { session, request } = call;
  const waba = reachWaba(call, wabaId);
  const url = await judgeOverride(
    call,
    parameter(request, 'override_callback_uri'),
    parameter(request, 'verify_token') ?? '',
  );
  waba.subscribedApps.set(session.app.id, {
    appId: session.app.id,
    ...(url === undefined ? {} : { override_callback_uri: url }),
  });
  return ok({ success: true });
}

export function unsubscribeApp(call: GraphCall, wabaId: string): GraphAnswer {
  const waba = reachWaba(call, wabaId);
  if (!waba.subscribedApps.delete(call.session.app.id)) {
    throw invalidParameter('The app is not subscribed to this WhatsApp Business Account.');
  }
  return ok({ success: true });
}

/** `POST /{PN}` with `webhook_configuration`; an empty address deletes the override. Other settings are taken as they are. */
export async function configurePhoneNumber(call: GraphCall, phoneNumberId: string): Promise<GraphAnswer> {
  const number = reachPhoneNumber(call, phoneNumberId);
  const configuration = call.request.body['webhook_configuration'] as JsonObject | undefined;
  if (configuration !== undefined) {
    const [uri, token] = [configuration['override_callback_uri'], configuration['verify_token']];
    const url = await judgeOverride(
      call,
      typeof uri === 'string' ? uri : undefined,
      typeof token === 'string' ? token : '',
    );
    if (url === undefined) {
      number.overrides.delete(call.session.app.id);
    } else {
      number.overrides.set(call.session.app.id, url);
    }
  }
  return ok({ success: true });
}

export function listSubscriptions(call: GraphCall, appId: string): GraphAnswer {
  requireAppToken(call, appId);
  const { callback, id } = call.session.app;
  const ofPages = [...call.platform.pages.callbacks]
    .filter(([key]) => key.startsWith(`${id} `))
    .map(([, { object, url, fields }]) => ({ object, callback_url: url, active: true, fields }));
  const version = call.request.version ?? 'v26.0';
  return ok({
    data: [
      ...ofPages,
      ...(callback === undefined
        ? []
        : [
            {
              object: OBJECT,
              callback_url: callback.url,
              active: true,
              fields: callback.fields.map((name) => ({ name, version })),
            },
          ]),
    ],
  });
}

/** Sets the app's callback and fields, after the callback proved itself. Meta: webhooks/create-webhook-endpoint */
export async function createSubscription(call: GraphCall, appId: string): Promise<GraphAnswer> {
  requireAppToken(call, appId);
  const { request, session } = call;
  const [object, url] = [parameter(request, 'object'), parameter(request, 'callback_url')];
  const verifyToken = parameter(request, 'verify_token') ?? '';
  const fields = parameter(request, 'fields');
  if (object !== OBJECT && !isPageObject(object)) {
    throw invalidParameter(`Param object must be one of {${OBJECT}, page, instagram}`);
  }
  if (url === undefined || fields === undefined) {
    throw invalidParameter(`The parameter ${url === undefined ? 'callback_url' : 'fields'} is required.`);
  }
  await handshake(call, url, verifyToken);
  const names = fields.startsWith('[') ? (JSON.parse(fields) as string[]) : fields.split(',');
  const callback = { url, verifyToken, fields: names.map((name) => name.trim()).filter((name) => name !== '') };
  if (isPageObject(object)) {
    judgeFields(object, callback.fields);
    call.platform.pages.callbacks.set(`${session.app.id} ${object}`, { ...callback, object });
  } else {
    session.app.callback = callback;
  }
  return ok({ success: true });
}

/** Without `fields` the whole subscription goes. */
export function deleteSubscription(call: GraphCall, appId: string): GraphAnswer {
  requireAppToken(call, appId);
  const { app } = call.session;
  const fields = parameter(call.request, 'fields')?.split(',');
  if (fields === undefined || app.callback === undefined) {
    app.callback = undefined;
  } else {
    app.callback.fields = app.callback.fields.filter((field) => !fields.includes(field));
  }
  return ok({ success: true });
}

async function judgeOverride(call: GraphCall, url: string | undefined, token: string): Promise<string | undefined> {
  if (url === undefined || url === '') {
    return undefined;
  }
  if (url.length > 200) {
    throw invalidParameter('Param override_callback_uri must be at most 200 characters long.');
  }
  await handshake(call, url, token);
  return url;
}

async function handshake({ platform }: GraphCall, url: string, verifyToken: string): Promise<void> {
  const failure = await platform.transport.verifyCallback(url, verifyToken, platform.ids.challenge());
  if (failure !== undefined) {
    throw new GraphError({
      code: 2200,
      message: `(#2200) Callback verification failed with the following errors: ${failure}`,
    });
  }
}

function requireAppToken({ request, session }: GraphCall, appId: string): void {
  if (session.token !== undefined) {
    throw new GraphError({ code: 15, message: '(#15) This method must be called with an app access_token' });
  }
  if (session.app.id !== appId) {
    throw unknownObject(request.method, appId);
  }
}
