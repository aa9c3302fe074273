import type { Role } from '#core/access/actor.ts';

/** What each role may, for those who give it. */
export const roleWords: Record<Role, string> = {
  viewer: 'sees credentials and rotations',
  auditor: 'sees everything but values, with users and the audit',
  operator: 'imports, binds and rotates',
  approver: 'approves rotations of others',
  admin: 'everything, with users and settings',
};
