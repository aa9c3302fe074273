import { z } from 'zod';

/** Why a person does something, for those who read the audit later. */
export const reason = z.string().trim().min(1, 'Say why; the audit keeps it.').max(500);
