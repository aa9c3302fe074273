import type { Role } from '#core/access/actor.ts';

/* The roles: what they are called, and what they may. Nothing else of the console names one by itself. */

const roleNames: Record<Role, string> = {
  viewer: 'viewer',
  auditor: 'auditor',
  operator: 'operator',
  approver: 'approver',
  admin: 'admin',
};

/** What a role is called; one that is not known, as an old event may name one, is called as it is written. */
export const roleWord = (role: string) => new Map(Object.entries(roleNames)).get(role) ?? role;

/** `operator or admin`, of those who may do something. */
export const eitherRole = (roles: readonly Role[]) => roles.map(roleWord).join(' or ');

/** What each role may, for those who give it. */
export const roleWords: Record<Role, string> = {
  viewer: 'sees credentials and rotations',
  auditor: 'sees everything but values, with users and the audit',
  operator: 'imports, binds and rotates',
  approver: 'approves rotations of others',
  admin: 'everything, with users and settings',
};
