import { createApiClientCommand } from '#cli/api-client.ts';
import { auditCheckCommand } from '#cli/audit-check.ts';
import { auditDetachCommand } from '#cli/audit-detach.ts';
import { auditVerifyCommand } from '#cli/audit-verify.ts';
import { backupCommand } from '#cli/backup.ts';
import type { Command } from '#cli/command.ts';
import { createUserCommand } from '#cli/create-user.ts';
import { importCommand } from '#cli/import.ts';
import { keysRotateCommand } from '#cli/keys-rotate.ts';
import { restoreCommand } from '#cli/restore.ts';
import { resumeCommand } from '#cli/resume.ts';
import { userAllowIdentityCommand } from '#cli/user-allow-identity.ts';
import { userLinkCommand } from '#cli/user-link.ts';

/** Commands that run on the server itself, with its environment and its database. */
export const localCommands: readonly Command[] = [
  createUserCommand,
  userLinkCommand,
  userAllowIdentityCommand,
  importCommand,
  createApiClientCommand,
  auditVerifyCommand,
  auditDetachCommand,
  auditCheckCommand,
  keysRotateCommand,
  backupCommand,
  restoreCommand,
  resumeCommand,
];
