import { z } from 'zod';

/* What the IAM API answers with, of its XML as connectors/xml.ts reads it. */

const keyId = z.string().regex(/^\w{16,128}$/);
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
/** An element without children is read as an empty text. */
const listOf = <S extends z.ZodType>(item: S) =>
  z.union([z.literal('').transform(() => ({ member: [] })), z.object({ member: z.array(item) })]);

export const issuedKey = z.object({
  CreateAccessKeyResponse: z.object({
    CreateAccessKeyResult: z.object({
      AccessKey: z.object({ AccessKeyId: keyId, SecretAccessKey: z.string().min(1) }),
    }),
  }),
});
const listedKey = z.object({
  AccessKeyId: keyId,
  Status: z.string(),
  CreateDate: instant.optional(),
});
export const listedKeys = z.object({
  ListAccessKeysResponse: z.object({
    ListAccessKeysResult: z.object({ AccessKeyMetadata: listOf(listedKey) }),
  }),
});
export const lastUsed = z.object({
  GetAccessKeyLastUsedResponse: z.object({
    GetAccessKeyLastUsedResult: z.object({
      // Left out, or `N/A`, for a key that was never used.
      AccessKeyLastUsed: z.union([
        z.string(),
        z.object({ LastUsedDate: z.union([instant, z.string()]).optional() }),
      ]),
    }),
  }),
});
export const listedUsers = z.object({
  ListUsersResponse: z.object({
    ListUsersResult: z.object({ Users: listOf(z.object({ UserName: z.string().min(1) })) }),
  }),
});

export type ListedKey = z.output<typeof listedKey>;

/** Of STS: whose key signed. */
export const identity = z.object({
  GetCallerIdentityResponse: z.object({ GetCallerIdentityResult: z.object({ Arn: z.string().min(1) }) }),
});
