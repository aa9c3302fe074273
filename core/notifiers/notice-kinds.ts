/** What people can be told of, in the order of a form. */
export const noticeKinds = [
  'rotation_held',
  'approval_wanted',
  'task_waiting',
  'overlap_open',
  'delivery_late',
  'deadline_near',
  'secret_too_old',
  'issuer_unhealthy',
  'issuer_recovered',
  'webhook_given_up',
] as const;

export type NoticeKind = (typeof noticeKinds)[number];
