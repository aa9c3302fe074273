import { z } from 'zod';
import { type Notice, type NotifierConnector, secretText } from '#connectors/contract.ts';
import { exchange } from '#connectors/exchange.ts';
import { headline, named } from '#connectors/notice-text.ts';

const config = z.object({
  service: z.enum(['slack', 'teams']).default('slack').meta({ title: 'Service' }),
  url: secretText()
    .refine(
      (url) => /^https?:\/\/[^\s/]+\/\S*$/.test(url.expose()),
      'must be an address beginning with https://',
    )
    .meta({
      title: 'Webhook address',
      description: 'Whoever has it can write in the channel, so it is kept as a secret.',
    }),
});

/**
 * A channel, by the incoming webhook of Slack (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/)
 * or by a Teams workflow that posts what a webhook receives
 * (https://learn.microsoft.com/en-us/power-automate/teams/send-a-message-in-teams). Both take about one message a second.
 */
export const chat: NotifierConnector<typeof config> = {
  kind: 'chat',
  title: 'Slack or Microsoft Teams',
  docs: 'https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/',
  needs: 'An incoming webhook of Slack, or a Teams workflow that posts what a webhook receives.',
  proven: {
    against: 'documented fake',
    what: 'Slack incoming webhooks and Teams workflows',
    on: '2026-11-25',
  },
  config,
  limits: { perMinute: 30 },
  send: async (call, notices) => {
    const { service, url } = call.config;
    const message = service === 'slack' ? slackMessage(notices) : teamsMessage(notices);
    const request = {
      method: 'POST' as const,
      url: url.expose(),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(message),
    };
    await exchange(call, request, {
      ok: [200, 202],
      what: `Writing to the ${service === 'slack' ? 'Slack' : 'Teams'} channel`,
      answerer: 'the webhook',
    });
  },
};

/** Slack reads &, < and > as its own marks. */
const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function slackMessage(notices: readonly Notice[]): object {
  const { shown, rest } = named(notices);
  const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
  const sections = shown.map(({ title, detail, url }) =>
    section(`*<${url}|${escaped(title)}>*\n${escaped(detail).slice(0, 2_000)}`),
  );
  return { text: escaped(headline(notices)), blocks: [...sections, ...(rest ? [section(rest)] : [])] };
}

function teamsMessage(notices: readonly Notice[]): object {
  const { shown, rest } = named(notices);
  const line = (text: string, more: object = {}) => ({ type: 'TextBlock', wrap: true, text, ...more });
  const body = shown.flatMap(({ title, detail, url }) => [
    line(title, { weight: 'Bolder' }),
    line(detail.slice(0, 2_000)),
    line(`[Open in Rekey](${url})`),
  ]);
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    fallbackText: headline(notices),
    body: [...body, ...(rest ? [line(rest)] : [])],
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}
