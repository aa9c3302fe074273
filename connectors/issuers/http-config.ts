import { z } from 'zod';
import { secretText } from '#connectors/contract.ts';
import { asking, changing, requestText, sends } from '#connectors/http-template.ts';
import { answersText, pointerText } from '#connectors/json-pointer.ts';
import { tlsFields } from '#connectors/tls.ts';

const everywhere = ['place.name', 'place.detail', 'place.clientId', 'secret.token'];

/** What each request is for, and what it may send. */
export const purposes = {
  issue: { methods: changing, known: [...everywhere, 'rotationId', 'chosen'] },
  verify: { methods: [...asking, 'PUT'], known: [...everywhere, 'field.clientId', 'field.clientSecret'] },
  revoke: { methods: changing, known: [...everywhere, 'externalId', 'field.clientId', 'field.clientSecret'] },
  list: { methods: asking, known: everywhere },
  readBack: { methods: asking, known: [...everywhere, 'externalId'] },
  check: { methods: asking, known: everywhere },
} as const;

export const config = z
  .object({
    baseUrl: z.url({ protocol: /^https?$/ }).meta({
      title: 'Address',
      description: 'Where the system runs. The paths of all requests are added to it.',
    }),
    token: secretText().optional().meta({
      title: 'Token',
      description:
        'Sent where a request has {{secret.token}}, as in Authorization: Bearer {{secret.token}}, or as user:password in Authorization: Basic {{secret.token|base64}}.',
    }),
    maxLive: z.literal([1, 2, 10]).default(1).meta({
      title: 'Secrets that can work at the same time',
      description: '1: the next one replaces the one in use at once.',
    }),
    issue: requestText(
      'Request that issues',
      'Makes a secret, or sets the one that is sent as {{chosen}}.',
      purposes.issue,
    ),
    issuedSecret: pointerText(
      'Where the new secret stands',
      'JSON pointer into the answer. Empty where {{chosen}} is sent and not given back.',
    ).optional(),
    issuedId: pointerText(
      'Where its id stands',
      'JSON pointer into the answer. Needed where more than one can work.',
    ).optional(),
    full: answersText('Answers that mean no free slot', 'To the request that issues.').default('409'),
    chosenLetters: z
      .enum(['letters, digits, - and _', 'letters and digits', 'hex'])
      .default('letters and digits')
      .meta({
        title: 'Letters of a chosen value',
      }),
    chosenLength: z.int().min(32).max(128).default(43).meta({ title: 'Length of a chosen value' }),
    list: requestText(
      'Request that lists',
      'Lists the secrets that work now, all of them in one answer.',
      purposes.list,
    ).optional(),
    listedItems: pointerText(
      'Where the list stands',
      'JSON pointer into the answer. Empty where the answer is the list.',
    ).optional(),
    listedId: pointerText('Where an id stands', 'JSON pointer into one item of the list.').optional(),
    listedTag: pointerText(
      'Where {{rotationId}} comes back',
      'JSON pointer into one item of the list. Empty where it does not.',
    ).optional(),
    revoke: requestText(
      'Request that revokes',
      'Ends the secret {{externalId}}. Needed where more than one can work.',
      purposes.revoke,
    ).optional(),
    gone: answersText('Answers that mean already gone', 'To the request that revokes.').default('404'),
    readBack: requestText(
      'Request that reads a secret back',
      'Only where the system shows secrets again.',
      purposes.readBack,
    ).optional(),
    readSecret: pointerText('Where the secret stands', 'JSON pointer into the answer.').optional(),
    check: requestText(
      'Request that checks',
      'Changes nothing and needs the permission to issue. Empty: the list is asked for.',
      purposes.check,
    ).optional(),
    signIn: z.enum(['token endpoint', 'request']).default('token endpoint').meta({
      title: 'How a secret is tried',
      description: 'token endpoint: OAuth 2.0 client credentials. request: the request below.',
    }),
    tokenUrl: z
      .url({ protocol: /^https?$/ })
      .optional()
      .meta({ title: 'Token endpoint' }),
    auth: z.enum(['basic', 'post']).default('basic').meta({ title: 'How the client signs in there' }),
    scope: z
      .string()
      .max(1_000)
      .optional()
      .meta({ title: 'Scope', description: 'Sent to the token endpoint.' }),
    verify: requestText(
      'Request that tries a secret',
      'Signs in with {{field.clientSecret}} and changes nothing.',
      purposes.verify,
    ).optional(),
    accepted: answersText('Answers that mean it works', 'To the request that tries.').default('200'),
    rejected: answersText('Answers that mean it is wrong', 'To the request that tries.').default('401'),
    propagationSeconds: z
      .int()
      .min(0)
      .max(3_600)
      .default(0)
      .meta({ title: 'Seconds until a change works everywhere' }),
    failedSignIns: z.int().min(0).max(100).default(3).meta({
      title: 'Refused sign-ins that are tolerated',
      description:
        'Before the system locks. 0: an old secret is never tried, and is called retired without proof.',
    }),
    ...tlsFields,
  })
  .superRefine((entered, context) => {
    for (const [field, message] of missing(entered))
      context.addIssue({ code: 'custom', path: [field], message });
  });

interface Entered {
  maxLive: number;
  signIn: string;
  issue: string;
  list?: string | undefined;
  listedId?: string | undefined;
  listedTag?: string | undefined;
  issuedSecret?: string | undefined;
  issuedId?: string | undefined;
  revoke?: string | undefined;
  readBack?: string | undefined;
  readSecret?: string | undefined;
  check?: string | undefined;
  tokenUrl?: string | undefined;
  verify?: string | undefined;
}

/** Which fields are needed because of others, and why. */
function missing(entered: Entered): [string, string][] {
  const { maxLive, list, revoke, issuedId, signIn } = entered;
  const chosen = sends(entered.issue, 'chosen');
  const needs: [boolean, keyof Entered, string][] = [
    [
      !chosen,
      'issuedSecret',
      'say where the new secret stands in the answer, or send {{chosen}} as its value',
    ],
    [maxLive > 1, 'revoke', 'is needed where more than one secret can work'],
    [maxLive > 1, 'issuedId', 'is needed where more than one secret can work, to revoke the right one'],
    [list !== undefined, 'listedId', 'say where the id of a listed secret stands'],
    [entered.readBack !== undefined, 'readSecret', 'say where the secret stands in the answer'],
    [list === undefined, 'check', 'is needed where there is no request that lists'],
    [signIn === 'token endpoint', 'tokenUrl', 'is needed to try a secret there'],
    [signIn === 'request', 'verify', 'is needed to try a secret with it'],
    [
      chosen && maxLive > 1,
      'listedTag',
      'is needed where a chosen value comes beside another: it is found by it after a lost answer',
    ],
  ];
  const faults = needs.flatMap(([needed, field, message]): [string, string][] =>
    needed && entered[field] === undefined ? [[field, message]] : [],
  );
  if (entered.listedTag !== undefined && !sends(entered.issue, 'rotationId'))
    faults.push(['issue', 'must send {{rotationId}}, which is to come back in the list']);
  if (maxLive > 1 && revoke !== undefined && issuedId !== undefined && !namesOne(revoke))
    faults.push([
      'revoke',
      'must send {{externalId}} or {{field.clientSecret}}, so that it ends no other secret',
    ]);
  return faults;
}

const namesOne = (revoke: string) => sends(revoke, 'externalId') || sends(revoke, 'field.clientSecret');

export const place = z.object({
  name: z
    .string()
    .min(1)
    .max(256)
    .meta({ title: 'Name', description: 'What the system calls this credential: {{place.name}}.' }),
  detail: z.string().min(1).max(256).optional().meta({
    title: 'Second name',
    description: 'Where one is not enough, such as a tenant: {{place.detail}}.',
  }),
  clientId: z.string().min(1).max(256).optional().meta({
    title: 'Client ID',
    description: 'What a sign-in uses: {{place.clientId}}. Empty: the name.',
  }),
});
