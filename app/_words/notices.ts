import type { NoticeKind } from '#core/notifiers/notice-kinds.ts';

/** What a notifier can tell of, in the order and the words of its form. */
export const noticeWords: Record<NoticeKind, string> = {
  rotation_held: 'A rotation is held',
  approval_wanted: 'An approval is wanted',
  task_waiting: 'A person has to rotate at a vendor',
  overlap_open: 'An overlap does not end',
  delivery_late: 'A delivery may come too late',
  deadline_near: 'A secret expires soon',
  secret_too_old: 'A secret is older than its policy allows',
  issuer_unhealthy: 'An issuer does not answer',
  issuer_recovered: 'An issuer answers again',
  webhook_given_up: 'A webhook endpoint is switched off because it fails',
};
