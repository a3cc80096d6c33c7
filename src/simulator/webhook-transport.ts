import { Agent } from 'undici';

export interface WebhookResponse {
  /** 0 = no answer: refused, reset, timed out. */
  status: number;
  body: string;
  error?: string;
}

/** The HTTP side of webhooks: many concurrent requests on connections that stay open, as Meta does. */
export class WebhookTransport {
  private readonly agent: Agent;
  private readonly parsed = new Map<string, { origin: string; path: string }>();

  constructor(
    connections: number,
    private readonly timeoutMs: number,
    /** public origins → where they lead */
    private readonly tunnels: Readonly<Record<string, string>> = {},
  ) {
    this.agent = new Agent({ connections, pipelining: 1, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
  }

  async post(url: string, body: Buffer, headers: Record<string, string>): Promise<WebhookResponse> {
    try {
      const { origin, path } = this.parse(url);
      const response = await this.agent.request({
        origin,
        path,
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', 'user-agent': 'facebookexternalua', accept: '*/*', ...headers },
      });
      return { status: response.statusCode, body: await response.body.text() };
    } catch (error) {
      return { status: 0, body: '', error: error instanceof Error ? error.message : String(error) };
    }
  }

  /**
   * The handshake: Meta asks the callback for the challenge before it takes the URL. Meta: webhooks/create-webhook-endpoint
   * @returns undefined when the callback proved itself, else what was wrong with its answer.
   */
  async verifyCallback(url: string, verifyToken: string, challenge: string): Promise<string | undefined> {
    try {
      const target = new URL(url);
      target.searchParams.append('hub.mode', 'subscribe');
      target.searchParams.append('hub.challenge', challenge);
      target.searchParams.append('hub.verify_token', verifyToken);
      const response = await this.agent.request({
        origin: this.originOf(target),
        path: `${target.pathname}${target.search}`,
        method: 'GET',
        headersTimeout: this.timeoutMs,
      });
      const body = await response.body.text();
      if (response.statusCode !== 200) {
        return `HTTP Status Code = ${response.statusCode}`;
      }
      return body === challenge ? undefined : 'the answer was not the challenge';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }

  private originOf({ origin }: URL): string {
    return this.tunnels[origin] ?? origin;
  }

  private parse(url: string): { origin: string; path: string } {
    let parsed = this.parsed.get(url);
    if (parsed === undefined) {
      const target = new URL(url);
      parsed = { origin: this.originOf(target), path: `${target.pathname}${target.search}` };
      this.parsed.set(url, parsed);
    }
    return parsed;
  }
}
