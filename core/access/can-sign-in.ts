/** Whether user `u` can sign in: with a password, or through the single sign-on. Who was invited and has chosen none cannot yet. */
export const canSignIn = `u.disabled_at is null
  and (u.password_hash is not null or exists (select 1 from identities i where i.user_id = u.id))`;
